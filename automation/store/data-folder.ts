import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  appendFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { Failure, messageOf } from "../failure";
import type { Binaries } from "./binaries";
import { untilNoneIn } from "./programs-in";
import type { ServerUser } from "./server-user";

/** The one role, and the one database: the server has no other user. */
export const databaseName = "trunkline";

/**
 * How the server is told of its data folder. As root it lies below folders that the server's user may not enter, so the server
 * is started inside it and led there by what the kernel knows of it, not by a path.
 */
export function dataArgument(data: string, { own }: ServerUser): string {
  return own ? "/proc/self/cwd" : data;
}

/** Makes a data folder, whole or not at all. The caller holds the lock, and knows that there is none. */
export async function makeDataFolder(data: string, binaries: Binaries, user: ServerUser): Promise<void> {
  // Whoever began them is dead, and had the lock; what it had started may not have noticed.
  for (const draft of draftsOf(data)) {
    await untilNoneIn(draft, 0);
    rmSync(draft, { recursive: true, force: true });
  }
  const draft = `${data}.${randomUUID()}`;
  try {
    mkdirSync(draft, { mode: 0o700 });
    giveTo(draft, user.makerIds);
    await runInitdb(draft, binaries, user);
    configure(draft, user);
    giveTo(draft, user.ids);
    renameSync(draft, data);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function runInitdb(draft: string, { initdb }: Binaries, user: ServerUser): Promise<void> {
  const words = [
    `--pgdata=${dataArgument(draft, user)}`,
    `--username=${databaseName}`,
    "--encoding=UTF8",
    // The same order of text everywhere, whatever libraries a host has.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
  ];
  try {
    await promisify(execFile)(initdb, words, {
      ...user.makerIds,
      cwd: draft,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
      timeout: 120_000,
    });
  } catch (error) {
    const { stderr } = z.object({ stderr: z.string().catch("") }).parse(error);
    throw new Failure(
      "badInput",
      `PostgreSQL could not make its data folder in ${dirname(draft)}: ${(stderr.trim() || messageOf(error)).slice(-600)}`,
      "Make room there, or name a server of your own in DATABASE_URL.",
    );
  }
}

/** A socket alone, and on it whoever the kernel says is the owner: there is no password that could be lost. */
function configure(data: string, { clients }: ServerUser): void {
  const settings = [
    "listen_addresses = ''",
    "unix_socket_permissions = 0700",
    "max_connections = 100",
    "shared_buffers = '16MB'",
    "max_wal_size = '256MB'",
    // No copy of it is kept up to date elsewhere.
    "wal_level = minimal",
    "max_wal_senders = 0",
    "jit = off",
    // Values of statements are a run's own business.
    "log_statement = none",
    "log_parameter_max_length_on_error = 0",
  ];
  appendFileSync(join(data, "postgresql.conf"), `\n${settings.join("\n")}\n`);
  writeFileSync(join(data, "pg_hba.conf"), `local all ${databaseName} peer map=owner\n`, { mode: 0o600 });
  writeFileSync(
    join(data, "pg_ident.conf"),
    clients.map((name) => `owner "${name}" ${databaseName}\n`).join(""),
    { mode: 0o600 },
  );
}

/** @throws Failure `badInput` for a data folder of another major version of PostgreSQL */
export function checkVersion(data: string, major: string): void {
  let found: string;
  try {
    found = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    throw new Failure(
      "badInput",
      `${data} is no data folder of PostgreSQL: ${messageOf(error)}`,
      "Restore it from a backup, or move it away: the record of earlier runs goes with it, no stack does.",
    );
  }
  if (found !== major)
    throw new Failure(
      "badInput",
      `The record of runs in ${data} was written by PostgreSQL ${found}, and this version of Trunkline has PostgreSQL ${major}.`,
      "Use the version of Trunkline that wrote it, or move the folder away: the record of earlier runs goes with it, no stack does.",
    );
}

function draftsOf(data: string): string[] {
  const folder = dirname(data);
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path.startsWith(`${data}.`));
}

function giveTo(path: string, { uid, gid }: ServerUser["ids"]): void {
  if (uid === undefined || gid === undefined) return;
  lchownSync(path, uid, gid);
  if (lstatSync(path).isDirectory())
    for (const name of readdirSync(path)) giveTo(join(path, name), { uid, gid });
}
