import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Processes by what stands in their environment. A parent that dies hands its children to init, so descent by parent
 * loses them (measured: after kill −9 of the program the engine's plugins live on and finish their update); what a
 * process was born with stays readable in /proc. Where there is no /proc, nothing is found.
 */
export function processesMarked(variable: string, prefix: string): number[] {
  const wanted = Buffer.from(`\0${variable}=${prefix}`);
  return processIds().filter((pid) => {
    if (pid === process.pid) return false;
    const environment = readProc(pid, "environ");
    return environment !== undefined && Buffer.concat([Buffer.from("\0"), environment]).includes(wanted);
  });
}

/** A process by its id and the clock tick of its birth, so that a reused id is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; absent where there is no /proc. */
  readonly startTicks?: number;
}

export function identityOf(pid: number): ProcessIdentity {
  // The second field is the program's name in brackets and may hold anything, so fields are counted after it.
  const stat = readProc(pid, "stat")?.toString();
  const ticks = Number(stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  return Number.isFinite(ticks) ? { pid, startTicks: ticks } : { pid };
}

export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (thrown) {
    // EPERM: it is there and somebody else's.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EPERM")) return false;
  }
  const now = identityOf(identity.pid);
  return (
    identity.startTicks === undefined ||
    now.startTicks === undefined ||
    identity.startTicks === now.startTicks
  );
}

/**
 * Waits until no process with the mark is left: first of itself, then after SIGTERM, then after SIGKILL.
 * @returns ids of those that outlived even that; empty as a rule
 */
export async function untilGone(
  variable: string,
  prefix: string,
  patience: { readonly waitSeconds: number; readonly termSeconds: number },
): Promise<number[]> {
  const stages = [
    { signal: undefined, seconds: patience.waitSeconds },
    { signal: "SIGTERM", seconds: patience.termSeconds },
    { signal: "SIGKILL", seconds: 5 },
  ] as const;
  for (const { signal, seconds } of stages) {
    const deadline = performance.now() + seconds * 1000;
    let left = processesMarked(variable, prefix);
    if (signal !== undefined) for (const pid of left) send(pid, signal);
    while (left.length > 0 && performance.now() < deadline) {
      await delay(50);
      left = processesMarked(variable, prefix);
    }
    if (left.length === 0) return [];
  }
  return processesMarked(variable, prefix);
}

/** To a process that may have ended already. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`);
  } catch {
    return undefined;
  }
}
