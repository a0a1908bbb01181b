import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, closeSync, lstatSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../failure";
import { type ProcessIdentity, identityOf, isAlive, send } from "../runner/process-table";
import { type Binaries } from "./binaries";
import { dataArgument } from "./data-folder";
import { until } from "./deadline";
import { programsIn, untilNoneIn } from "./programs-in";
import type { ServerUser } from "./server-user";

/** A server of a data folder, as its own file `postmaster.pid` says. */
export interface Postmaster {
  readonly process: ProcessIdentity;
  /** Folder of its socket. */
  readonly socketFolder: string;
  /** `ready`, `starting`, `stopping`. */
  readonly status: string;
}

/** Short: a socket's whole path must fit into 103 bytes (sys/un.h: sun_path has 108 on Linux, 104 on macOS). */
const socketFolders = "/tmp/trunkline-";

/**
 * The server that runs on a data folder. What a dead one has left is nobody, and a process that has its number since is
 * another's: a server stands in its data folder.
 */
export function findPostmaster(data: string): Postmaster | undefined {
  const known = readNote(data);
  return known !== undefined && isServerOf(data, known.process.pid) ? known : undefined;
}

function readNote(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  // miscadmin.h, PostgreSQL 18: process, data folder, start, port, socket folder, address, shared memory, status.
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { process: identityOf(pid), socketFolder: lines[4] ?? "", status: (lines[7] ?? "").trim() };
}

/** Without /proc a process that is alive is believed. */
function isServerOf(data: string, pid: number): boolean {
  if (process.platform !== "linux") return isAlive({ pid });
  return programsIn(data).includes(pid);
}

/**
 * Starts a server that outlives this process, and waits until it takes connections. The caller holds the lock, and knows
 * that none runs.
 * @throws Failure where it ends or hangs, with what it said last
 */
export async function startPostmaster(
  data: string,
  binaries: Binaries,
  user: ServerUser,
): Promise<Postmaster> {
  const socketFolder = (await clearDead(data, user)) ?? newSocketFolder(user);
  try {
    const child = launch(data, binaries, user, socketFolder);
    return await ready(data, child);
  } catch (error) {
    if (findPostmaster(data) === undefined) rmSync(socketFolder, { recursive: true, force: true });
    throw error;
  }
}

function launch(data: string, { postgres }: Binaries, user: ServerUser, socketFolder: string): ChildProcess {
  const log = openSync(logOf(data), "w", 0o600);
  try {
    const child = spawn(
      postgres,
      ["-D", dataArgument(data, user), "-c", `unix_socket_directories=${socketFolder}`],
      {
        ...user.ids,
        cwd: data,
        // Nothing of ours: an environment may hold credentials, and PostgreSQL reads some of it.
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
        detached: true,
        stdio: ["ignore", log, log],
      },
    );
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

async function ready(data: string, child: ChildProcess): Promise<Postmaster> {
  let failed: string | undefined;
  child.on("error", (error) => (failed = error.message));
  child.on("exit", (code, signal) => (failed ??= `it ended (${signal ?? String(code)})`));
  // After a crash it first repeats what its journal has.
  const found = await until(120, () => {
    if (failed !== undefined) return "failed" as const;
    const known = readNote(data);
    return known?.process.pid === child.pid && known?.status === "ready" ? known : undefined;
  });
  if (found !== undefined && found !== "failed") return found;
  if (failed === undefined && child.pid !== undefined) {
    send(child.pid, "SIGQUIT");
    failed = "it took no connections in 120 s";
  }
  throw new Failure(
    "badInput",
    `PostgreSQL did not start on ${data}: ${failed ?? "nobody knows why"}.\n${lastWords(data)}`,
    "Mend what it says, or name a server of your own in DATABASE_URL.",
  );
}

/**
 * One that starts or stops just now is waited for.
 * @returns undefined where none runs any more
 * @throws Failure `busy` for one that neither comes nor goes
 */
export async function settledPostmaster(data: string): Promise<Postmaster | undefined> {
  const settled = await until(120, () => {
    const found = findPostmaster(data);
    return found === undefined || found.status === "ready" ? { found } : undefined;
  });
  if (settled !== undefined) return settled.found;
  const stuck = findPostmaster(data);
  throw new Failure(
    "busy",
    `PostgreSQL on ${data}, process ${String(stuck?.process.pid ?? "")}, has been ${stuck?.status ?? "starting"} for 120 s.`,
    `Look into ${logOf(data)}, or end that process: the next command starts it again.`,
  );
}

/** Ends a server: its sessions are cut, nothing that was committed is lost. */
export async function stopPostmaster(data: string): Promise<void> {
  for (const [signal, seconds] of [
    ["SIGINT", 30],
    ["SIGQUIT", 10],
    ["SIGKILL", 5],
  ] as const) {
    const found = findPostmaster(data);
    if (found === undefined) break;
    send(found.process.pid, signal);
    await until(seconds, () => (isAlive(found.process) ? undefined : true));
    if (!isAlive(found.process)) removeSocketFolder(found.socketFolder);
  }
  await clearDead(data);
}

function newSocketFolder({ ids: { uid, gid } }: ServerUser): string {
  const made = mkdtempSync(socketFolders);
  if (uid !== undefined && gid !== undefined) chownSync(made, uid, gid);
  return made;
}

/**
 * What a postmaster that was killed leaves: sessions that have not noticed yet, and the file that names it, which would keep
 * the next one from starting once another process has its number.
 * @returns its socket's folder, if the next server may have it: whoever was connected comes back to the same place
 */
async function clearDead(data: string, next?: ServerUser): Promise<string | undefined> {
  await untilNoneIn(data, 10);
  const left = readNote(data);
  if (left === undefined) return undefined;
  rmSync(join(data, "postmaster.pid"), { force: true });
  const found = lstatSync(left.socketFolder, { throwIfNoEntry: false });
  const ours = next?.ids.uid ?? process.getuid?.();
  if (next !== undefined && found?.isDirectory() === true && found.uid === ours && (found.mode & 0o077) === 0)
    return left.socketFolder;
  removeSocketFolder(left.socketFolder);
  return undefined;
}

function removeSocketFolder(path: string): void {
  if (path.startsWith(socketFolders)) rmSync(path, { recursive: true, force: true });
}

/** Beside the data: it is this process's user who may read it. */
function logOf(data: string): string {
  return join(dirname(data), "server.log");
}

function lastWords(data: string): string {
  try {
    return readFileSync(logOf(data), "utf8").trim().split("\n").slice(-5).join("\n").slice(-1500);
  } catch {
    return "";
  }
}
