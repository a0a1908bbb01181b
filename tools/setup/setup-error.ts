/** What can be wrong with a machine or a build; each has one sentence, in checks.ts or where it is thrown. */
export type SetupErrorCode =
  | "NotLinux"
  | "NotX86"
  | "NoPtrace"
  | "NoSpace"
  | "CacheNotWritable"
  | "NoMemoryFolder"
  | "MissingPrograms"
  | "NoUserNamespaces"
  | "NoPulumi"
  | "BuildFailed";

/** The set-up cannot go on. The message says what is wrong and what to do; it needs no stack trace. */
export class SetupError extends Error {
  override readonly name = "SetupError";
  constructor(
    readonly code: SetupErrorCode,
    message: string,
  ) {
    super(message);
  }
}
