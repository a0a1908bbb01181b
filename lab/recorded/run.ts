import { spawn } from "node:child_process";
import type { ExecResult } from "../client/client";

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly stdin: Uint8Array;
  readonly deadlineSeconds: number;
}

/** One program to its end; past the deadline it and its children are killed, and the code is 124, as timeout(1) has it. */
export function run(argv: readonly string[], options: RunOptions): Promise<ExecResult> {
  const [program = "true", ...rest] = argv;
  const { environment, directory, stdin, deadlineSeconds } = options;
  const child = spawn(program, rest, { cwd: directory, env: environment, detached: true });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, deadlineSeconds * 1000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      const text = (parts: readonly Buffer[]) => Buffer.concat(parts).toString("utf8");
      resolve({ code: late ? 124 : (code ?? 1), stdout: text(out), stderr: text(err) });
    });
  });
}
