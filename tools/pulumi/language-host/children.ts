import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import type { Command } from "./program";

/** The programs that this host has started and that have not ended. */
const running = new Set<ChildProcess>();

export function start({ program, args, cwd, environment }: Command, stdio: StdioOptions): ChildProcess {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...environment }, stdio });
  running.add(child);
  child.once("close", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** A status; a program that a signal ended counts as 128 plus the signal's number would: not 0. */
export async function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 128);
    });
  });
}

export function stopAll(): void {
  for (const child of running) child.kill("SIGTERM");
}
