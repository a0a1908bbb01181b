import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../failure";
import { identityOf, isAlive } from "./process-table";

const holderSchema = z.object({
  id: z.string(),
  pid: z.number(),
  startTicks: z.number().optional(),
  host: z.string(),
  started: z.string(),
  command: z.string(),
});
export type LockHolder = z.infer<typeof holderSchema>;

/**
 * One run at a time per fleet and site: a file that names who holds it. A holder on this host that is dead has lost
 * it; one on another host is believed.
 * @throws Failure `busy`, naming the holder
 */
export function takeFleetLock(folder: string, command: string): { release(): void } {
  const path = join(folder, "lock");
  const identity = identityOf(process.pid);
  const mine: LockHolder = {
    id: randomUUID(),
    ...identity,
    host: hostname(),
    started: new Date().toISOString(),
    command,
  };
  const draft = `${path}.${mine.id}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600, flag: "wx" });
  try {
    while (!take(draft, path)) {
      const holder = readHolder(path);
      if (holder !== undefined && !isLost(holder)) throw busy(holder, folder);
      clearLost(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      if (readHolder(path)?.id === mine.id) rmSync(path, { force: true });
    },
  };
}

/** Who holds the fleet now, if anyone does. */
export function fleetLockHolder(folder: string): LockHolder | undefined {
  const holder = readHolder(join(folder, "lock"));
  return holder !== undefined && !isLost(holder) ? holder : undefined;
}

/** A hard link either appears whole or not at all: nobody reads a half-written lock. */
function take(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
}

/**
 * Removes a lock whose holder is dead. Two that see the same dead holder must not remove each other's new lock, so
 * only whoever makes the broom file may sweep; a broom left by a crash is swept after ten seconds.
 */
function clearLost(path: string, holder: LockHolder | undefined): void {
  const broom = `${path}.broom`;
  try {
    writeFileSync(broom, "", { flag: "wx" });
  } catch {
    const age = Date.now() - (statSync(broom, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 10_000) rmSync(broom, { force: true });
    return;
  }
  try {
    if (readHolder(path)?.id === holder?.id) rmSync(path, { force: true });
  } finally {
    rmSync(broom, { force: true });
  }
}

function isLost(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return false;
  const { pid, startTicks } = holder;
  return !isAlive(startTicks === undefined ? { pid } : { pid, startTicks });
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

function busy(holder: LockHolder, folder: string): Failure {
  return new Failure(
    "busy",
    `This fleet is locked by \`${holder.command}\`, process ${String(holder.pid)} on ${holder.host}, since ${holder.started}.`,
    `Wait until it ends. If that host is gone for good, remove ${join(folder, "lock")}.`,
  );
}
