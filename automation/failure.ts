import type { Problem } from "trunkline/fleet/problem";

/** What a command ends with (design, section 9). */
export const exitCodes = {
  done: 0,
  proofFailed: 1,
  badInput: 2,
  busy: 3,
  /** Of `plan --exit-code`: something changes. */
  changes: 4,
  ourFault: 70,
  interrupted: 130,
} as const;

/** Why a command could not do what it was asked; `ourFault` is what is left when nobody threw one of these. */
export type FailureKind = Exclude<keyof typeof exitCodes, "done" | "changes">;

/**
 * An end that was foreseen: one sentence on what is wrong, one on what to do. Anything else that is thrown is our
 * fault and is reported as such.
 */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly remedy?: string,
    readonly problems: readonly Problem[] = [],
    /** For programs: what `--json` has beside the sentences. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "Failure";
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/**
 * Runs what writes for the user.
 * @throws Failure `badInput` when the system refuses the place that the user named
 */
export function writingTo<T>(place: string, remedy: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    throw new Failure("badInput", `${place} cannot be written: ${systemWords(error)}.`, remedy);
  }
}

/** A system's refusal in plain words; what is rare, in its own. */
export function systemWords(error: Error): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or folder",
    ENOTDIR: "a part of its path is no folder",
    EISDIR: "it is a folder",
    EACCES: "permission is denied",
    EPERM: "permission is denied",
    EROFS: "the file system is read-only",
    ENOSPC: "no space is left",
  };
  return ("code" in error ? words[String(error.code)] : undefined) ?? error.message;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
