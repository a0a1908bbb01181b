import type { ReleaseChange } from "./state";

/** Changes on top of earlier ones: a gateway goes back to the release from before the first of both. */
export function together(
  earlier: readonly ReleaseChange[],
  now: readonly ReleaseChange[],
): readonly ReleaseChange[] {
  const first = new Map(earlier.map((one) => [one.gateway, one]));
  const later = now.map((one) => ({ ...one, from: (first.get(one.gateway) ?? one).from }));
  const known = new Set(later.map(({ gateway }) => gateway));
  return [...earlier.filter(({ gateway }) => !known.has(gateway)), ...later].filter(
    ({ from, to }) => from !== to,
  );
}
