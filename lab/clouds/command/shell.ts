import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Refusal } from "../provider/refusal";

export interface ShellRequest {
  readonly argv: readonly string[];
  /** Besides the provider's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly directory: string | undefined;
  readonly signal: AbortSignal;
  /** 0: none. */
  readonly timeoutSeconds: number;
}

/** How long a process group may tidy up after it was told to end. */
const graceMs = 2000;

/**
 * Runs a program in a process group of its own and takes what it prints. Ended early (cancelled, or late), the whole
 * group goes: first asked, then killed.
 * @throws Refusal with what the program printed on stderr, when it fails
 */
export async function runShell(request: ShellRequest): Promise<{ stdout: string; stderr: string }> {
  const { argv, environment, stdin, directory, signal, timeoutSeconds } = request;
  if (signal.aborted) throw new Refusal("Cancelled", "the engine was cancelled before the command ran");
  const [program = "/bin/sh", ...rest] = argv;
  const child = spawn(program, rest, {
    ...(directory === undefined ? {} : { cwd: directory }),
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  // A program need not read all of its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);

  let why: string | undefined;
  let killing: NodeJS.Timeout | undefined;
  const end = (reason: string) => {
    why ??= reason;
    signalGroup(child.pid, "SIGTERM");
    killing ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
  };
  const cancel = () => end("the command was cancelled");
  signal.addEventListener("abort", cancel, { once: true });
  const late =
    timeoutSeconds === 0
      ? undefined
      : setTimeout(
          () => end(`the command took longer than ${String(timeoutSeconds)} s`),
          timeoutSeconds * 1000,
        );
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once("error", () => reject(new Refusal("NotStarted", `${program} cannot be started`)));
      child.once("close", (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
    });
    const stdout = Buffer.concat(out).toString("utf8");
    const stderr = Buffer.concat(err).toString("utf8");
    if (why !== undefined) throw new Refusal("Cancelled", `${why}\n${stderr}`);
    if (status !== 0) throw new Refusal("CommandFailed", `exit status ${String(status)}\n${stderr}`);
    return { stdout, stderr };
  } finally {
    signal.removeEventListener("abort", cancel);
    clearTimeout(late);
    clearTimeout(killing);
    // Whatever the program left behind in its group ends with it when it was ended early.
    if (why !== undefined) signalGroup(child.pid, "SIGKILL");
  }
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
