import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { processesMarked, send } from "../../../automation/runner/process-table";
import { operationMarker } from "../../../automation/runner/protocol";

const event = z.looseObject({
  kind: z.string(),
  stack: z.string().optional(),
  outcome: z.string().optional(),
  message: z.string().optional(),
});
type Event = z.infer<typeof event>;

/** One `run.ts`, with all that it has said so far. */
class Run {
  readonly events: Event[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(folder: string, ...words: readonly string[]) {
    this.#child = spawn(
      process.execPath,
      [...process.execArgv, join(__dirname, "run.ts"), folder, ...words],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let rest = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.events.push(...lines.map((line) => event.parse(JSON.parse(line))));
    });
    this.ended = new Promise((resolve) => this.#child.once("close", (code) => resolve(code)));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  outcomes(): Record<string, string | undefined> {
    const finished = this.events.filter(({ kind }) => kind === "stack-finished");
    return Object.fromEntries(finished.map(({ stack, outcome }) => [stack ?? "", outcome]));
  }

  get outcome(): string | undefined {
    return this.events.find(({ kind }) => kind === "run-finished")?.outcome;
  }
}

const allUp = { one: "succeeded", other: "succeeded", last: "succeeded" };

describe("a run over stacks on the real engine", function () {
  this.timeout(300_000);
  let folder: string;
  const make = (): void => void (folder = mkdtempSync(join(tmpdir(), "runner-")));
  const remove = async (): Promise<void> => {
    // Whatever a test killed may still be ending.
    await until(() => processesMarked(operationMarker, join(folder, "state")).length === 0);
    rmSync(folder, { recursive: true, force: true });
  };
  const go = (): void => writeFileSync(join(folder, "go"), "");
  const began = (stack: string) => until(() => existsSync(join(folder, `${stack}.began`)));

  describe("that nobody disturbs", () => {
    before(make);
    after(remove);
    let run: Run;

    it("goes by the graph, side by side where it can", async () => {
      writeFileSync(join(folder, "protects"), "");
      run = new Run(folder, "up");
      await Promise.all([began("one"), began("other")]);
      assert.ok(!existsSync(join(folder, "last.began")));
    });

    it("a second run at once says who holds the fleet, and ends as busy", async () => {
      const second = new Run(folder, "up");
      assert.equal(await second.ended, 3);
      assert.match(second.events[0]?.message ?? "", /locked by `run up`, process \d+ on /);
    });

    it("ends with all up, and hands on outputs", async () => {
      go();
      assert.equal(await run.ended, 0);
      assert.deepEqual(run.outcomes(), allUp);
      const outputs = run.events.find(({ kind, stack }) => kind === "outputs" && stack === "last");
      assert.deepEqual(outputs?.["outputs"], { who: "last", word: "sesame" });
      assertPrivate(join(folder, "state"));
    });

    it("destroy goes by the graph from its end, keeps what is protected, and takes it with a word of its own", async () => {
      for (const { words, left } of [
        { words: [], left: 3 },
        { words: ["included"], left: 0 },
      ]) {
        const gone = new Run(folder, "destroy", ...words);
        assert.equal(await gone.ended, 0);
        assert.deepEqual(gone.outcomes(), allUp);
        assert.equal(Object.keys(gone.outcomes())[0], "last");
        assert.equal(states(folder).length, left);
      }
    });
  });

  describe("that is disturbed", () => {
    beforeEach(make);
    afterEach(remove);

    it("a stack that fails stops what needs it, and nothing else; the next run goes on", async () => {
      go();
      writeFileSync(join(folder, "one.fails"), "");
      const run = new Run(folder, "up");
      await run.ended;
      assert.deepEqual(run.outcomes(), { one: "failed", other: "succeeded", last: "skipped" });
      assert.equal(run.outcome, "failed");
      rmSync(join(folder, "one.fails"));
      const next = new Run(folder, "up");
      await next.ended;
      assert.deepEqual(next.outcomes(), allUp);
    });

    it("kill -9 in the middle: the same command ends as an undisturbed run", async () => {
      const first = new Run(folder, "up");
      await Promise.all([began("one"), began("other")]);
      first.signal("SIGKILL");
      await first.ended;
      go();
      const next = new Run(folder, "up");
      assert.equal(await next.ended, 0);
      assert.deepEqual(next.outcomes(), allUp);
      assert.deepEqual(locks(folder), []);
    });

    it("kill -9 of everything: the engine's lock that is left is released", async () => {
      const first = new Run(folder, "up");
      await Promise.all([began("one"), began("other")]);
      // All stand still before any is killed: who outlives its parent for a moment would tidy up.
      first.signal("SIGSTOP");
      const engines = processesMarked(operationMarker, join(folder, "state"));
      for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of engines) send(pid, signal);
      first.signal("SIGKILL");
      await first.ended;
      await until(() => processesMarked(operationMarker, join(folder, "state")).length === 0);
      assert.equal(locks(folder).length, 2);
      // As engines leave it whose backend's URL asks for attributes.
      writeFileSync(join(stacksOf(folder), "one.json.attrs"), "");
      go();
      const next = new Run(folder, "up");
      assert.equal(await next.ended, 0);
      assert.deepEqual(next.outcomes(), allUp);
      const repaired = next.events.filter(({ kind }) => kind === "stack-repaired").map(({ stack }) => stack);
      assert.deepEqual(repaired.sort(), ["one", "one", "other"]);
      assert.deepEqual(locks(folder), []);
    });

    it("Ctrl-C: what has begun ends cleanly, nothing new starts, nothing is left", async () => {
      const first = new Run(folder, "up");
      await Promise.all([began("one"), began("other")]);
      first.signal("SIGINT");
      await until(() => first.events.some(({ kind }) => kind === "heard"));
      go();
      await first.ended;
      assert.equal(first.outcome, "cancelled");
      assert.equal(first.outcomes()["last"], "skipped");
      assert.deepEqual(locks(folder), []);
      const next = new Run(folder, "up");
      assert.equal(await next.ended, 0);
      assert.deepEqual(next.outcomes(), allUp);
    });

    it("Ctrl-C twice: everything ends now, and the next run repairs @slow", async () => {
      const first = new Run(folder, "up");
      await Promise.all([began("one"), began("other")]);
      first.signal("SIGINT");
      // Two signals of a kind that nobody has heard yet are one.
      await until(() => first.events.some(({ kind }) => kind === "heard"));
      first.signal("SIGINT");
      await first.ended;
      assert.equal(first.outcome, "cancelled");
      assert.deepEqual(processesMarked(operationMarker, join(folder, "state")), []);
      go();
      const next = new Run(folder, "up");
      assert.equal(await next.ended, 0);
      assert.deepEqual(next.outcomes(), allUp);
    });
  });
});

/** The passphrase is readable by its owner alone, and no secret stands in the state in the clear. */
function assertPrivate(state: string): void {
  assert.equal(statSync(join(state, "passphrase")).mode & 0o077, 0);
  assert.equal(statSync(state).mode & 0o077, 0);
  for (const name of readdirSync(state, { recursive: true, encoding: "utf8" })) {
    const path = join(state, name);
    if (statSync(path).isFile()) assert.ok(!readFileSync(path, "utf8").includes("sesame"), name);
  }
}

function stacksOf(folder: string): string {
  return join(folder, "state", "engine", ".pulumi", "stacks", "test");
}

function states(folder: string): string[] {
  const path = stacksOf(folder);
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".json")) : [];
}

function locks(folder: string): string[] {
  const path = join(folder, "state", "engine", ".pulumi", "locks");
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "it did not come about in time");
    await delay(20);
  }
}
