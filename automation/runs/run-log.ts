import type { Pool } from "pg";
import { z } from "zod";
import { Failure, messageOf } from "../failure";
import { passed } from "../pause";
import { rolloutEvent, type RolloutEvent } from "../rollout/event";
import { formatRollout, parseRollout, type Rollout } from "../rollout/state";

/** What is asked for, and by whom. */
export interface AskedRun {
  /** Not begun. */
  readonly rollout: Rollout;
  /** The engine's word; `rollout` knows of a refresh as much as of an up. */
  readonly operation: "up" | "destroy" | "refresh";
  /** Absent where the fleet file is in no repository. */
  readonly commit?: string;
  readonly fleetHash: string;
}

export interface RunRecord extends AskedRun {
  readonly number: number;
  /** The engine's name of it. */
  readonly workflow: string;
  readonly begun: Date;
  readonly ended?: { readonly at: Date; readonly outcome: string; readonly because?: string };
}

const row = z.object({
  number: z.coerce.number(),
  workflow: z.string(),
  operation: z.enum(["up", "destroy", "refresh"]),
  git_commit: z.string().nullable(),
  fleet_hash: z.string(),
  begun: z.date(),
  ended: z.date().nullable(),
  outcome: z.string().nullable(),
  because: z.string().nullable(),
  rollout: z.string(),
});

/** Runs and what has happened to them, in the database. */
export class RunLog {
  constructor(private readonly pool: Pool) {}

  /** @throws Failure `busy` while another run of the fleet has not ended */
  async add(workflow: string, { rollout, operation, commit, fleetHash }: AskedRun): Promise<number> {
    const added = await this.#ask(
      `insert into trunkline.run (workflow, fleet, operation, asked_by, git_commit, fleet_hash, rollout)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict do nothing returning number`,
      [
        workflow,
        rollout.fleet,
        operation,
        rollout.askedBy.join(", "),
        commit ?? null,
        fleetHash,
        formatRollout(rollout),
      ],
    );
    const [made] = z.array(z.object({ number: z.coerce.number() })).parse(added);
    if (made !== undefined) return made.number;
    const other = await this.unfinished(rollout.fleet);
    throw new Failure(
      "busy",
      `Run ${String(other?.number ?? "")} of fleet ${rollout.fleet} has not ended.`,
      "Wait until it ends, or go on with it.",
    );
  }

  async unfinished(fleet: string): Promise<RunRecord | undefined> {
    return this.#one("where fleet = $1 and ended is null", fleet);
  }

  async read(number: number): Promise<RunRecord | undefined> {
    return this.#one("where number = $1", number);
  }

  /** The newest first. */
  async list(fleet: string, atMost: number): Promise<RunRecord[]> {
    const rows = await this.#ask(
      "select * from trunkline.run where fleet = $1 order by number desc limit $2",
      [fleet, atMost],
    );
    return rows.map(recordOf);
  }

  /** In the order in which they have happened. */
  async events(run: number): Promise<readonly { readonly at: Date; readonly event: RolloutEvent }[]> {
    const rows = await this.#ask("select at, event from trunkline.run_event where run = $1 order by place", [
      run,
    ]);
    return z
      .array(z.object({ at: z.date(), event: z.string() }))
      .parse(rows)
      .map(({ at, event }) => ({ at, event: eventOf(event) }));
  }

  /** What stands at a place stays: whoever makes another event for it gets the one that is there. */
  async event(run: number, place: number, make: () => Promise<RolloutEvent>): Promise<RolloutEvent> {
    const there = async (): Promise<RolloutEvent | undefined> => {
      const rows = await this.#ask("select event from trunkline.run_event where run = $1 and place = $2", [
        run,
        place,
      ]);
      const [found] = z.array(z.object({ event: z.string() })).parse(rows);
      return found === undefined ? undefined : eventOf(found.event);
    };
    const before = await there();
    if (before !== undefined) return before;
    const made = await make();
    await this.#ask(
      "insert into trunkline.run_event (run, place, event) values ($1, $2, $3) on conflict do nothing",
      [run, place, JSON.stringify(made)],
    );
    return (await there()) ?? made;
  }

  async end(run: number, outcome: string, because?: string): Promise<void> {
    await this.#ask(
      "update trunkline.run set ended = now(), outcome = $2, because = $3 where number = $1 and ended is null",
      [run, outcome, because ?? null],
    );
  }

  async #one(where: string, value: string | number): Promise<RunRecord | undefined> {
    const [found] = await this.#ask(`select * from trunkline.run ${where}`, [value]);
    return found === undefined ? undefined : recordOf(found);
  }

  /** A server that comes back within a minute is waited for; each of these statements may run twice. */
  async #ask(text: string, values: unknown[]): Promise<unknown[]> {
    const deadline = performance.now() + 60_000;
    for (;;)
      try {
        return (await this.pool.query(text, values)).rows;
      } catch (error) {
        if (!isLostConnection(error) || performance.now() > deadline) throw error;
        await passed(0.2);
      }
  }
}

function recordOf(raw: unknown): RunRecord {
  const found = row.parse(raw);
  const parsed = parseRollout(found.rollout);
  if (!parsed.ok)
    throw new Failure("badInput", `Run ${String(found.number)}: ${parsed.because}`, parsed.remedy);
  const { ended, outcome, because } = found;
  return {
    number: found.number,
    workflow: found.workflow,
    rollout: parsed.value,
    operation: found.operation,
    ...(found.git_commit === null ? {} : { commit: found.git_commit }),
    fleetHash: found.fleet_hash,
    begun: found.begun,
    ...(ended === null
      ? {}
      : { ended: { at: ended, outcome: outcome ?? "", ...(because === null ? {} : { because }) } }),
  };
}

function eventOf(text: string): RolloutEvent {
  return rolloutEvent.parse(JSON.parse(text));
}

/** Class 08 and 57P of SQLSTATE, and what a socket says that has lost its other end. */
function isLostConnection(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    /^(08|57P)/.test(code) ||
    ["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE"].includes(code) ||
    /connection (terminated|timeout)|timeout exceeded when trying to connect/i.test(messageOf(error))
  );
}
