import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Pool } from "pg";
import { passed } from "../../../automation/pause";
import { record } from "../../../automation/rollout/record";
import type { Rollout } from "../../../automation/rollout/state";
import { RunLog, type RunRecord } from "../../../automation/runs/run-log";
import { until } from "../../../automation/store/deadline";
import { stopEmbedded } from "../../../automation/store/embedded";
import { openStore } from "../../../automation/store/store";

export interface Fate {
  readonly regions: readonly string[];
  readonly seconds: number;
  readonly fails?: string;
  readonly ill?: string;
  readonly soakSeconds?: number;
  readonly canary?: string;
  readonly awaits?: string;
  readonly left?: "given up";
  readonly dies?: true;
}

/** Workers on one folder, one after the other or beside each other, and what they have done there. */
export class Workers {
  readonly folder = mkdtempSync(join(tmpdir(), "runs-"));
  readonly #children = new Set<ChildProcess>();

  begin(fate: Fate): ChildProcess {
    const words = [
      "--import",
      "tsx",
      join(__dirname, "worker.ts"),
      JSON.stringify({ ...fate, folder: this.folder }),
    ];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    this.#children.add(child);
    return child;
  }

  /** What a worker says, once it has ended by itself. */
  async said(child: ChildProcess): Promise<{ readonly out: string; readonly error: string }> {
    let out = "";
    let error = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (error += text));
    await once(child, "close");
    return { out, error };
  }

  async toTheEnd(fate: Fate): Promise<void> {
    const { out, error } = await this.said(this.begin(fate));
    assert.match(out, /"outcome"/, error);
  }

  /** SIGKILL once so many lines have been written, and a moment later. */
  async killedAfter(fate: Fate, lines: number, seconds: number): Promise<"killed" | "ended"> {
    const child = this.begin(fate);
    const gone = once(child, "exit");
    const due = await until(60, () =>
      child.exitCode !== null
        ? ("ended" as const)
        : this.did().length >= lines
          ? ("due" as const)
          : undefined,
    );
    assert.ok(due !== undefined, "a worker does nothing");
    await passed(seconds);
    child.kill("SIGKILL");
    await gone;
    return child.signalCode === "SIGKILL" ? "killed" : "ended";
  }

  did(): string[] {
    const file = join(this.folder, "did");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean) : [];
  }

  /** How many sessions hold or have a lock of ours. */
  async locks(): Promise<number> {
    const store = await openStore(join(this.folder, "state"), {});
    const client = new Client(store.connection);
    await client.connect();
    const { rowCount } = await client.query("select from pg_locks where locktype = 'advisory' and granted");
    await client.end();
    await store.leave();
    return rowCount ?? 0;
  }

  /** The newest run, and its state after all that is recorded; absent: none was begun. */
  async recorded(): Promise<
    { readonly run: RunRecord; readonly state: Rollout; readonly before: readonly string[] } | undefined
  > {
    mkdirSync(join(this.folder, "state"), { recursive: true, mode: 0o700 });
    const store = await openStore(join(this.folder, "state"), {});
    const pool = new Pool(store.connection);
    try {
      if ((await pool.query("select to_regclass('trunkline.run') as there")).rows[0]?.there === null)
        return undefined;
      const log = new RunLog(pool);
      const [run, ...others] = await log.list("acme", 10);
      if (run === undefined) return undefined;
      let state = run.rollout;
      for (const { event } of await log.events(run.number)) {
        const result = record(state, event);
        assert.ok(result.ok);
        state = result.rollout;
      }
      const before = others.map(({ ended }) => `${ended?.outcome ?? ""}: ${ended?.because ?? ""}`);
      return { run, state, before };
    } finally {
      await pool.end();
      await store.leave();
    }
  }

  async remove(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    const database = join(this.folder, "state", "database");
    if (existsSync(database)) await stopEmbedded(database);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A state without what is another in each run: when. */
export function withoutTimes({ waves, ...rest }: Rollout): unknown {
  return {
    ...rest,
    waves: waves.map((wave) => ({
      ...wave,
      gates: wave.gates.map((gate) => ({ ...gate, startedAt: gate.startedAt === undefined ? "" : "then" })),
    })),
  };
}

/** No stack is begun while an operation on it goes on: its lines come in pairs, each of one process. */
export function assertOneAtATime(did: readonly string[]): void {
  const open = new Map<string, string>();
  for (const line of did) {
    const [what = "", stack = "", pid = ""] = line.split(" ");
    if (what === "begin") {
      assert.ok(!open.has(stack), `${stack} is operated by two: ${did.join("\n")}`);
      open.set(stack, pid);
    } else if (what === "end") {
      assert.equal(open.get(stack), pid, line);
      open.delete(stack);
    }
  }
  assert.deepEqual([...open], []);
}

export function beginnings(did: readonly string[], stack: string): number {
  return did.filter((line) => line.startsWith(`begin ${stack} `)).length;
}

/** Numbers below 1 that follow from a seed (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A run whose workers are killed so often, each somewhere in what is left, and that ends as one that nobody disturbed; what was
 * recorded as done before a kill is not done again.
 */
export async function assertSurvives(fate: Fate, kills: number, seed: number): Promise<void> {
  const chance = chances(seed);
  const calm = new Workers();
  const rough = new Workers();
  try {
    await calm.toTheEnd(fate);
    const expected = await calm.recorded();
    const lines = calm.did().length;
    const finished = new Map<string, number>();
    for (let kill = 0; kill < kills; kill += 1) {
      const from = rough.did().length;
      const at = Math.min(lines - 1, from + Math.floor(chance() * ((lines - from) / (kills - kill) + 1)));
      await rough.killedAfter(fate, at, chance() * 0.2);
      const known = await rough.recorded();
      for (const { name, status } of known?.state.steps ?? [])
        if (status === "succeeded" && !finished.has(name)) finished.set(name, beginnings(rough.did(), name));
    }
    if ((await rough.recorded())?.run.ended === undefined) await rough.toTheEnd(fate);
    const ended = await rough.recorded();
    assert.deepEqual(ended && withoutTimes(ended.state), expected && withoutTimes(expected.state));
    assert.equal(ended?.run.ended?.outcome, expected?.run.ended?.outcome);
    assert.equal(ended?.run.number, 1);
    const did = rough.did();
    for (const [stack, times] of finished)
      assert.equal(beginnings(did, stack), times, `${stack} was done again`);
    assertOneAtATime(did);
  } catch (error) {
    const about = `seed ${String(seed)}, ${String(kills)} kills\n${rough.did().join("\n")}`;
    throw new Error(`${about}\n${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await calm.remove();
    await rough.remove();
  }
}
