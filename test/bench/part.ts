/** A number that is held against what was promised. */
export interface Mark {
  readonly what: string;
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

/** One thing that is measured: for programs, for people, and what is held against it. */
export interface Part {
  readonly data: unknown;
  readonly lines: readonly string[];
  readonly marks: readonly Mark[];
}

/** What the caller wants other than by default. */
export interface Asked {
  /** Sizes of the fleets that are measured. */
  readonly regions?: readonly number[];
  /** How often each thing is measured. */
  readonly runs?: number;
}

export function atMost(what: string, measured: number, limit: number): Mark {
  return { what, limit, measured, met: measured <= limit };
}

export function atLeast(what: string, measured: number, limit: number): Mark {
  return { what, limit, measured, met: measured >= limit };
}

/** NaN of nothing, which meets no mark. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Columns of eleven characters, a row a line. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  return rows.map((cells) => cells.map((cell) => cell.padStart(11)).join(""));
}
