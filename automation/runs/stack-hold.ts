import { hostname } from "node:os";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { Failure } from "../failure";
import { identityOf, isAlive, untilGone } from "../runner/process-table";
import { operationMarker } from "../runner/protocol";
import { until } from "../store/deadline";

/** Two pools, so that those who hold a stack leave connections to those who record what comes of it. */
export interface HoldPools {
  /** A connection of it is taken for as long as a stack is held. */
  readonly sessions: Pool;
  readonly pool: Pool;
}

export interface HeldStack {
  readonly fleet: string;
  readonly stack: string;
  readonly run: number;
  /** What every process that works on it has in its environment. */
  readonly mark: string;
}

const holdSchema = z.object({
  mark: z.string(),
  host: z.string(),
  pid: z.number(),
  start_ticks: z.coerce.number().nullable(),
});
type Hold = z.infer<typeof holdSchema>;

/**
 * One operation at a time on a stack, whoever asks for it: held until the last of its processes is gone. A session's lock tells
 * the living from each other, and ends with its process; what that process had begun does not, so a row says what to wait for.
 * @throws Failure `busy` for a stack that another one holds, or had on a host that nobody here can look at
 */
export async function holdingStack<T>(
  { sessions, pool }: HoldPools,
  held: HeldStack,
  work: () => Promise<T>,
): Promise<T> {
  const client = await sessions.connect();
  // A session that is lost keeps its row: whoever comes next waits for its processes.
  client.on("error", () => undefined);
  let broken = true;
  try {
    await lock(client, held);
    await untilOthersGone(client, held);
    await note(client, held);
    const result = await work();
    const left = await untilGone(operationMarker, held.mark, { waitSeconds: 20, termSeconds: 5 });
    if (left.length > 0) throw new Error(`processes of ${held.stack} do not end: ${left.join(", ")}`);
    await pool.query("delete from trunkline.stack_hold where mark = $1", [held.mark]);
    broken = await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [keyOf(held)]).then(
      () => false,
      () => true,
    );
    return result;
  } finally {
    // Without its session the lock is gone as well.
    client.release(broken);
  }
}

function keyOf({ fleet, stack }: HeldStack): string {
  return `trunkline stack ${fleet}/${stack}`;
}

async function lock(client: PoolClient, held: HeldStack): Promise<void> {
  const got = await until(60, async () => {
    const { rows } = await client.query("select pg_try_advisory_lock(hashtextextended($1, 0)) as got", [
      keyOf(held),
    ]);
    return z.array(z.object({ got: z.boolean() })).parse(rows)[0]?.got === true ? true : undefined;
  });
  if (got === undefined)
    throw new Failure("busy", `Another process works on ${held.stack}.`, "Wait until it ends.");
}

async function untilOthersGone(client: PoolClient, held: HeldStack): Promise<void> {
  const found = await holdOf(client, held);
  if (found === undefined) return;
  if (found.host !== hostname())
    throw new Failure(
      "busy",
      `${held.stack} was worked on by process ${String(found.pid)} on ${found.host}, which has not said that it ended.`,
      "Go on there. If that host is gone for good, remove the stack's row from trunkline.stack_hold.",
    );
  const holder = {
    pid: found.pid,
    ...(found.start_ticks === null ? {} : { startTicks: found.start_ticks }),
  };
  // It has lost its session and works on: it takes its row away when it is done. Of this process nobody is left who would.
  const given = await until(60, async () => {
    const now = await holdOf(client, held);
    return now?.mark !== found.mark || found.pid === process.pid || !isAlive(holder) ? true : undefined;
  });
  if (given === undefined)
    throw new Failure("busy", `Process ${String(found.pid)} works on ${held.stack}.`, "Wait until it ends.");
  const left = await untilGone(operationMarker, found.mark, { waitSeconds: 30, termSeconds: 5 });
  if (left.length > 0)
    throw new Failure(
      "busy",
      `Processes of an earlier operation on ${held.stack} are still there: ${left.join(", ")}.`,
      "Wait for them, or end them.",
    );
}

async function holdOf(client: PoolClient, { fleet, stack }: HeldStack): Promise<Hold | undefined> {
  const { rows } = await client.query("select * from trunkline.stack_hold where fleet = $1 and stack = $2", [
    fleet,
    stack,
  ]);
  return z.array(holdSchema).parse(rows)[0];
}

async function note(client: PoolClient, { fleet, stack, run, mark }: HeldStack): Promise<void> {
  const { pid, startTicks } = identityOf(process.pid);
  await client.query(
    `insert into trunkline.stack_hold (fleet, stack, run, mark, host, pid, start_ticks)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (fleet, stack) do update
     set run = $3, mark = $4, host = $5, pid = $6, start_ticks = $7, since = now()`,
    [fleet, stack, run, mark, hostname(), pid, startTicks ?? null],
  );
}
