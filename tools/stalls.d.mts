export const lateMs: number;
export const sideBySideLateMs: number;
export function notMeasured(
  files: readonly { file: string; began: number; ended: number; failures: number }[],
  stalls: readonly { at: number; ms: number }[],
  late?: number,
): { file: string; worst: number }[];
