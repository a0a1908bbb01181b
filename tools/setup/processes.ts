import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { SetupError } from "./setup-error";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Everything the program says is appended here. */
  readonly log: string;
  /** Each line of its stdout and stderr, for progress. */
  readonly onLine?: (line: string) => void;
  /** What it is for, as the error says it: "building the kernel". */
  readonly purpose: string;
}

/** Time between asking a process group to end and ending it. */
const graceMs = 10_000;
const tailLines = 6;

/** Debian keeps mke2fs and debugfs where an ordinary user's PATH does not look. */
export function searchPath(environment: NodeJS.ProcessEnv = process.env): string {
  return `${environment["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin`;
}

/**
 * Runs a program in a process group of its own, so that an interrupt ends its whole tree.
 * @returns its standard output
 * @throws SetupError with the last lines it said; the signal's reason when aborted, after the group is gone
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  options.signal.throwIfAborted();
  mkdirSync(dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log, { flags: "a" });
  log.write(`$ ${command} ${args.join(" ")}\n`);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: searchPath(), LC_ALL: "C.UTF-8", ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const tail: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      log.write(`${line}\n`);
      if (line.trim() !== "") tail.push(line);
      if (tail.length > tailLines) tail.shift();
      options.onLine?.(line);
    });
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  const stop = () => {
    endGroup(child.pid, "SIGTERM");
    setTimeout(() => {
      endGroup(child.pid, "SIGKILL");
    }, graceMs).unref();
  };
  options.signal.addEventListener("abort", stop, { once: true });
  try {
    const code = await ended;
    options.signal.throwIfAborted();
    if (code === 0) return output;
    throw new SetupError(
      "BuildFailed",
      `${options.purpose} failed: \`${command}\` ended with status ${String(code)}. Everything it said is in ${options.log}; the last of it:\n${tail.map((line) => `  ${line}`).join("\n")}`,
    );
  } finally {
    options.signal.removeEventListener("abort", stop);
    // Whatever the program left running in its group ends with it.
    endGroup(child.pid, "SIGKILL");
    log.end();
  }
}

function endGroup(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // No such group any more: that is what was wanted.
  }
}
