import { existsSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { Failure } from "../failure";
import { fleetLockHolder, takeFleetLock } from "../runner/fleet-lock";
import { makeFolder } from "../../tools/setup/make-folder";
import { installedPackage, majorOf, type Package, usableBinaries } from "./binaries";
import { checkVersion, databaseName, makeDataFolder } from "./data-folder";
import { until } from "./deadline";
import {
  findPostmaster,
  type Postmaster,
  settledPostmaster,
  startPostmaster,
  stopPostmaster,
} from "./postmaster";
import { serverUser } from "./server-user";

/** Where a client finds a server; for the embedded one a folder is the host. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface Embedded {
  readonly address: Address;
  /** Ends the server unless another process is connected. */
  leave(): Promise<void>;
}

/**
 * A server of PostgreSQL of one folder's own: found again where it still runs, whoever started it; started where none does.
 * It takes connections on a Unix socket alone, of this user alone.
 * @param folder made if missing, mode 0700
 */
export async function openEmbedded(
  folder: string,
  installed: Package = installedPackage(),
): Promise<Embedded> {
  makeFolder(folder, 0o700);
  return alone(folder, "starting the database", async () => {
    // While it is connected nobody else ends the server.
    const { address, presence } = await reached(folder, installed);
    return {
      address,
      leave: () =>
        alone(folder, "ending the database", async () => {
          const last = await isAlone(presence);
          await presence.end().catch(() => undefined);
          if (last) await stopPostmaster(join(folder, "data"));
        }),
    };
  });
}

/** Ends the server, whoever is connected. @returns whether one ran */
export async function stopEmbedded(folder: string): Promise<boolean> {
  makeFolder(folder, 0o700);
  return alone(folder, "ending the database", async () => {
    const data = join(folder, "data");
    const ran = findPostmaster(data) !== undefined;
    await stopPostmaster(data);
    return ran;
  });
}

/** Its own where it runs; one that cannot be reached any more, because its socket was taken away, is begun anew. */
async function reached(folder: string, installed: Package): Promise<{ address: Address; presence: Client }> {
  const data = join(folder, "data");
  const major = majorOf(installed);
  if (existsSync(data)) checkVersion(data, major);
  const running = await settledPostmaster(data);
  if (running !== undefined)
    try {
      return await connectedTo(running);
    } catch {
      await stopPostmaster(data);
    }
  const user = serverUser(data);
  const binaries = await usableBinaries(installed, user);
  if (!existsSync(data)) await makeDataFolder(data, binaries, user);
  return connectedTo(await startPostmaster(data, binaries, user));
}

async function connectedTo({ socketFolder }: Postmaster): Promise<{ address: Address; presence: Client }> {
  const address = { host: socketFolder, port: 5432, user: databaseName, database: databaseName };
  const presence = new Client({
    ...address,
    database: "postgres",
    connectionTimeoutMillis: 15_000,
    query_timeout: 30_000,
  });
  // A server that ends is noticed by whoever asks it next.
  presence.on("error", () => undefined);
  try {
    await presence.connect();
    const { rowCount } = await presence.query("select from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await presence.query(`create database ${databaseName}`);
  } catch (error) {
    await presence.end().catch(() => undefined);
    throw error;
  }
  return { address, presence };
}

/** Of one that cannot be asked any more nothing is known: it is left to whoever has begun it anew. */
async function isAlone(presence: Client): Promise<boolean> {
  const sessions =
    "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
  try {
    return (await presence.query(sessions)).rowCount === 0;
  } catch {
    return false;
  }
}

/** One process at a time starts, finds or ends the server of a folder. */
async function alone<T>(folder: string, what: string, work: () => Promise<T>): Promise<T> {
  const taken = await until(180, () => {
    try {
      return takeFleetLock(folder, what);
    } catch (error) {
      if (error instanceof Failure && error.kind === "busy") return undefined;
      throw error;
    }
  });
  if (taken === undefined)
    throw new Failure(
      "busy",
      `The database in ${folder} has been busy for 180 s with ${fleetLockHolder(folder)?.command ?? "another process"}.`,
      `Wait until it ends. If its host is gone for good, remove ${join(folder, "lock")}.`,
    );
  try {
    return await work();
  } finally {
    taken.release();
  }
}
