import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { Client, Pool } from "pg";
import { z } from "zod";
import { Failure } from "../failure";
import type { Hands, StepResult } from "../rollout/drive";
import { isAsked } from "../rollout/gate-answer";
import type { End } from "../rollout/progress";
import { isAlive } from "../runner/process-table";
import { until } from "../store/deadline";
import type { Store } from "../store/store";
import { type Durable, perform } from "./perform";
import { type AskedRun, RunLog } from "./run-log";
import { migrate } from "./schema";
import { holdingStack, type HoldPools } from "./stack-hold";

/** Where an operation on a stack belongs. */
export interface OperationPlace {
  readonly run: number;
  /** From 1. */
  readonly attempt: number;
  /** Every process that works on the stack has this in its environment, as `TRUNKLINE_OPERATION`. */
  readonly mark: string;
}

/** What acts for runs; each may be done twice, where a process ended in the middle. None may throw. */
export interface EngineHands extends Omit<Hands, "step"> {
  operate(stack: string, operation: AskedRun["operation"], place: OperationPlace): Promise<StepResult>;
}

export interface EngineOptions {
  /** Begins the marks of operations; with the stack's name behind it unique on this host. */
  readonly markRoot: string;
  /** Cancels the runs of this process: what has begun is finished. */
  readonly stop: AbortSignal;
}

/** Fixed: a run is gone on with by any version that can read its state, which says so itself. */
const applicationVersion = "1";
/** Of the lock that says that an engine works on a database. */
const engineLock = 7_112_002;

interface Ending {
  readonly promise: Promise<End>;
  resolve(end: End): void;
  reject(error: unknown): void;
}

/** The one of this process: the library keeps what it knows in one place as well. */
let current: RunEngine | undefined;

const workflow = DBOS.registerWorkflow(
  async (run: number): Promise<End> => {
    if (current === undefined) throw new Error("a run without an engine");
    return current.perform(run);
  },
  { name: "run" },
);

/**
 * Runs that outlive their process: whatever ends it, the next engine on the same database goes on with them, and no
 * finished step is done again. One engine at a time works on a database.
 */
export class RunEngine {
  readonly log: RunLog;
  readonly #endings = new Map<number, Ending>();
  /** Why nothing goes on in this process any more. */
  #lost: Failure | undefined;

  private constructor(
    private readonly pools: HoldPools,
    private readonly presence: Client,
    private readonly hands: EngineHands,
    private readonly options: EngineOptions,
  ) {
    this.log = new RunLog(pools.pool);
    presence.on("end", () => this.#lose());
  }

  /** @throws Failure `busy` while another engine works on the database, `badInput` for one of a newer version */
  static async open(store: Store, hands: EngineHands, options: EngineOptions): Promise<RunEngine> {
    if (current !== undefined) throw new Error("this process has an engine already");
    const connection = { ...store.connection, application_name: sessionName };
    const presence = new Client(connection);
    presence.on("error", () => undefined);
    await presence.connect();
    try {
      await migrate(presence);
      await takeLock(presence);
    } catch (error) {
      await presence.end().catch(() => undefined);
      throw error;
    }
    const pool = new Pool({ ...connection, max: 20, connectionTimeoutMillis: 30_000 });
    // More stacks at once than these wait for their turn, however long that is.
    const sessions = new Pool({ ...connection, max: 50, connectionTimeoutMillis: 0 });
    for (const one of [pool, sessions]) one.on("error", () => undefined);
    const engine = new RunEngine({ pool, sessions }, presence, hands, options);
    current = engine;
    try {
      DBOS.setConfig({
        name: "trunkline",
        systemDatabasePool: pool,
        systemDatabaseSchemaName: "trunkline_engine",
        applicationVersion,
        // Of its own, so that nothing of an earlier process begins by itself: `resume` says what goes on.
        executorID: randomUUID(),
        useListenNotify: false,
        logger: silent,
      });
      await DBOS.launch();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  /**
   * Begins a run. It goes on until `ended` says how, or the process ends.
   * @throws Failure `busy` while another run of the fleet has not ended, `badInput` for one with a gate that nobody asks
   */
  async begin(asked: AskedRun): Promise<number> {
    const foreign = asked.rollout.waves.flatMap(({ gates }) => gates).find(({ gate }) => !isAsked(gate));
    if (foreign !== undefined)
      throw new Failure("badInput", `Nobody here asks a gate of kind ${foreign.gate.kind}.`, "Leave it out.");
    const workflowID = randomUUID();
    const run = await this.log.add(workflowID, asked);
    await DBOS.startWorkflow(workflow, { workflowID })(run);
    return run;
  }

  /** Goes on with a run that an earlier process began and did not end. */
  async resume(run: number): Promise<void> {
    const found = await this.log.read(run);
    if (found === undefined) throw new Failure("badInput", `There is no run ${String(run)}.`);
    if (found.ended !== undefined)
      throw new Failure("badInput", `Run ${String(run)} has ended: ${found.ended.outcome}.`);
    const known = await DBOS.getWorkflowStatus(found.workflow);
    // It was killed between saying that there is a run and beginning it.
    if (known === null) await DBOS.startWorkflow(workflow, { workflowID: found.workflow })(run);
    else await DBOS.resumeWorkflow(found.workflow);
  }

  /** How a run of this process ends. */
  ended(run: number): Promise<End> {
    return this.#ending(run).promise;
  }

  /** Whoever has runs waits for their ends first. */
  async close(): Promise<void> {
    this.presence.removeAllListeners("end");
    await DBOS.shutdown();
    current = undefined;
    await Promise.all([this.pools.pool.end(), this.pools.sessions.end()]);
    await this.presence.end().catch(() => undefined);
  }

  /** Leaves a run that has not ended as it is, so that another of its fleet may begin. */
  async giveUp(run: number, because: string): Promise<void> {
    const found = await this.log.read(run);
    if (found === undefined) throw new Failure("badInput", `There is no run ${String(run)}.`);
    if ((await DBOS.getWorkflowStatus(found.workflow)) !== null) await DBOS.cancelWorkflow(found.workflow);
    await this.log.end(run, "given-up", because);
  }

  /** The workflow of a run. */
  async perform(run: number): Promise<End> {
    const ending = this.#ending(run);
    /**
     * A fault is nobody's result, and kept it would come again for ever: whoever waits is told, and for the database the run goes on,
     * so that the next process does.
     */
    const orSay = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        ending.reject(error);
        return new Promise<never>(() => undefined);
      });
    const step = <T>(name: string, work: () => Promise<T>): Promise<T> =>
      DBOS.runStep(() => orSay(this.#lost === undefined ? work() : Promise.reject(this.#lost)), { name });
    return orSay(this.#perform(run, step, ending));
  }

  async #perform(run: number, step: Durable["step"], ending: Ending): Promise<End> {
    const found = await this.log.read(run);
    if (found === undefined) throw new Error(`run ${String(run)} is not there`);
    const { rollout, operation } = found;
    const end = await perform(
      rollout,
      {
        step,
        event: (place, make) => step(`event ${String(place)}`, () => this.log.event(run, place, make)),
      },
      {
        ...this.hands,
        operate: (stack, attempt) => {
          const mark = `${this.options.markRoot}#${stack}#${randomUUID()}`;
          return this.#operate({ fleet: rollout.fleet, stack, run, mark }, operation, attempt);
        },
      },
      this.options.stop,
    );
    await step("end", () => this.log.end(run, end.outcome, end.because).then(() => true));
    ending.resolve(end);
    return end;
  }

  async #operate(
    held: { readonly fleet: string; readonly stack: string; readonly run: number; readonly mark: string },
    operation: AskedRun["operation"],
    attempt: number,
  ): Promise<StepResult> {
    const { run, stack, mark } = held;
    try {
      return await holdingStack(this.pools, held, () =>
        this.hands.operate(stack, operation, { run, attempt, mark }),
      );
    } catch (error) {
      if (error instanceof Failure) return { outcome: "failed", because: error.message };
      throw error;
    }
  }

  /** With its session the engine has lost the right to work on runs: another one may have it already. */
  #lose(): void {
    this.#lost = new Failure(
      "busy",
      "The database of runs was lost: its server has ended, or cut the connection.",
      "The same command goes on where this one ended.",
    );
    for (const { reject } of this.#endings.values()) reject(this.#lost);
  }

  #ending(run: number): Ending {
    const known = this.#endings.get(run);
    if (known !== undefined) return known;
    const made = newEnding();
    if (this.#lost !== undefined) made.reject(this.#lost);
    this.#endings.set(run, made);
    return made;
  }
}

function newEnding(): Ending {
  let resolve: Ending["resolve"] = () => undefined;
  let reject: Ending["reject"] = () => undefined;
  const promise = new Promise<End>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  // Nobody may be waiting.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** How a session says whose it is; PostgreSQL keeps 63 bytes of it. */
const sessionName = `trunkline ${String(process.pid)} ${hostname()}`.slice(0, 63);

async function takeLock(client: Client): Promise<void> {
  // The server may not have noticed yet that the one before is dead; one that lives is not waited for.
  const got = await until(10, async () => {
    const { rows } = await client.query(
      `select pg_try_advisory_lock($1) as got,
         (select application_name from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and objid = $1::oid and classid = 0 and granted limit 1) as holder`,
      [engineLock],
    );
    const [said] = z.array(z.object({ got: z.boolean(), holder: z.string().nullable() })).parse(rows);
    if (said?.got === true) return "taken" as const;
    return said?.holder != null && !isDeadHere(said.holder) ? said.holder : undefined;
  });
  if (got !== "taken")
    throw new Failure(
      "busy",
      `Another process works on the runs of this database: ${got ?? "nobody knows which"}.`,
      "Wait until it ends, or use another database.",
    );
}

function isDeadHere(session: string): boolean {
  const pid = Number(session.split(" ")[1]);
  return session === `trunkline ${String(pid)} ${hostname()}`.slice(0, 63) && !isAlive({ pid });
}

/** What goes wrong is a run's result; the library's own lines are for nobody. */
const silent = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
