/**
 * A problem that Trunkline found in what it was given, before anything was built.
 * The code is stable: documentation, tests and waivers refer to it by name.
 */
export interface Problem {
  /** A word in CamelCase, registered in `problemCodes`. */
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  /** Where in the fleet file, or absent when the problem belongs to no line of it. */
  readonly at?: Position;
  /** Path of the value in the file, such as `regions.use1.cidr`. */
  readonly path: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

/** Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value, or every problem that kept it from being made; warnings may stand beside a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Every code, with one sentence for the error reference. A test keeps `docs/errors.md` complete. */
export const problemCodes = {
  NotYetSupported: "The field is part of the design, but this version does not build it yet.",
} as const satisfies Record<string, string>;

export type ProblemCode = keyof typeof problemCodes;
