import type { ClientBase } from "pg";
import { z } from "zod";
import { Failure } from "../failure";

/**
 * What each version adds to the one before. Only ever appended to: a database remembers how many of them it has had.
 * The engine's own tables are beside it, in a schema that the engine sees to.
 */
export const migrations: readonly string[] = [
  `create table trunkline.run (
     number bigint generated always as identity primary key,
     workflow uuid not null unique,
     fleet text not null,
     operation text not null,
     asked_by text not null,
     git_commit text,
     fleet_hash text not null,
     begun timestamptz not null default now(),
     ended timestamptz,
     outcome text,
     because text,
     rollout text not null
   );
   create unique index one_run_per_fleet on trunkline.run (fleet) where ended is null;
   create table trunkline.run_event (
     run bigint not null references trunkline.run,
     place integer not null,
     at timestamptz not null default now(),
     event text not null,
     primary key (run, place)
   );
   create table trunkline.stack_hold (
     fleet text not null,
     stack text not null,
     run bigint not null,
     mark text not null,
     host text not null,
     pid integer not null,
     start_ticks bigint,
     since timestamptz not null default now(),
     primary key (fleet, stack)
   );`,
];

/** Of the lock that two migrators must not hold at once. */
const migrating = 7_112_001;

/**
 * Brings the tables to what this version knows; what is there already stays.
 * @throws Failure `badInput` for tables of a newer version
 */
export async function migrate(client: ClientBase, known: readonly string[] = migrations): Promise<void> {
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock($1)", [migrating]);
    await client.query("create schema if not exists trunkline");
    await client.query(
      "create table if not exists trunkline.version (one boolean primary key default true check (one), number integer not null)",
    );
    const { rows } = await client.query("select number from trunkline.version");
    const found = z.array(z.object({ number: z.number() })).parse(rows)[0]?.number ?? 0;
    if (found > known.length)
      throw new Failure(
        "badInput",
        `The record of runs was written by a newer version of Trunkline: its tables are version ${String(found)}, and this one knows ${String(known.length)}.`,
        "Use that version, or another database.",
      );
    for (const step of known.slice(found)) await client.query(step);
    await client.query(
      "insert into trunkline.version (number) values ($1) on conflict (one) do update set number = $1",
      [known.length],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
