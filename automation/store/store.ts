import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { Failure, messageOf } from "../failure";
import { openEmbedded } from "./embedded";

/** A database of PostgreSQL that keeps runs. */
export interface Store {
  /** How to connect; may hold a password, so it goes into no message. */
  readonly connection: ClientConfig;
  /** This process needs it no more. */
  leave(): Promise<void>;
}

/**
 * The user's own server, if DATABASE_URL names one, or one of our own in the state folder.
 * @throws Failure `badInput` where it cannot be reached
 */
export async function openStore(
  stateFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
  connectSeconds = 15,
): Promise<Store> {
  const url = environment["DATABASE_URL"];
  if (url !== undefined && url !== "") return external(url, connectSeconds);
  const { address, leave } = await openEmbedded(join(stateFolder, "database"));
  return { connection: { ...address }, leave };
}

/** The URL has a password as a rule: no message says more of it than its place. */
async function external(url: string, connectSeconds: number): Promise<Store> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new Failure(
      "badInput",
      "DATABASE_URL is no URL of PostgreSQL.",
      "Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out.",
    );
  const connection = { connectionString: url, connectionTimeoutMillis: connectSeconds * 1000 };
  const client = new Client(connection);
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { password } = new URL(url);
    const why = messageOf(error);
    throw new Failure(
      "badInput",
      `The server that DATABASE_URL names cannot be reached${password !== "" && why.includes(password) ? "" : `: ${why}`}.`,
      "Mend the URL or the server, or leave DATABASE_URL out for a database of the fleet's own.",
    );
  } finally {
    await client.end().catch(() => undefined);
  }
  return { connection, leave: () => Promise.resolve() };
}
