import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPostmaster } from "../../../automation/store/postmaster";
import { until } from "../../../automation/store/deadline";
import { assertOneAtATime, assertSurvives, beginnings, type Fate, Workers } from "./killed-runs";

const asked = process.env["TRUNKLINE_SEED"];
const seed = asked === undefined ? randomInt(2 ** 31) : Number(asked);

describe(`a run whose process is killed (TRUNKLINE_SEED=${String(seed)})`, function () {
  this.timeout(300_000);

  it("goes on in the next one, and ends as it would have", () =>
    assertSurvives({ regions: ["apse2", "euw1", "use1"], seconds: 0.15 }, 2, seed));
});

describe("a run", function () {
  this.timeout(120_000);
  let workers: Workers;
  beforeEach(() => (workers = new Workers()));
  afterEach(() => workers.remove());

  it("is worked on by one process, and says who asked for what; a second one is refused meanwhile", async () => {
    const go = join(workers.folder, "go");
    const fate: Fate = { regions: ["euw1", "use1"], seconds: 0, awaits: go, fails: "acme.trust" };
    const first = workers.begin(fate);
    const end = workers.said(first);
    assert.ok(await until(60, () => (workers.did().length > 0 ? true : undefined)));
    const { error } = await workers.said(workers.begin(fate));
    assert.match(error, /Another process works on the runs of this database: trunkline \d+/);
    writeFileSync(go, "");
    assert.match((await end).out, /"outcome":"failed"/);
    const known = await workers.recorded();
    assert.deepEqual(
      [
        known?.run.number,
        known?.run.rollout.askedBy,
        known?.run.commit,
        known?.run.fleetHash,
        known?.run.operation,
      ],
      [1, ["alice"], "1".repeat(40), "0".repeat(64), "up"],
    );
    assert.match(known?.run.ended?.because ?? "", /acme\.trust does as it was told/);
    assertOneAtATime(workers.did());
  });

  it("touches no stack that a process of the one before still works on", async () => {
    const go = join(workers.folder, "go");
    const fate: Fate = { regions: ["euw1", "use1"], seconds: 0, awaits: go };
    assert.equal(await workers.killedAfter(fate, 2, 0), "killed");
    const next = workers.said(workers.begin(fate));
    // Its own, and one for each stack that it wants.
    const there = await until(60, async () =>
      workers.did().length > 2 || (await workers.locks()) === 3 ? true : undefined,
    );
    assert.ok(there);
    writeFileSync(go, "");
    assert.match((await next).out, /"outcome":"done"/);
    assert.equal(beginnings(workers.did(), "acme.region-euw1"), 2);
    assertOneAtATime(workers.did());
  });

  it("whose database is killed stops where it is, and goes on in the next process", async () => {
    const go = join(workers.folder, "go");
    const fate: Fate = { regions: ["use1"], seconds: 0, awaits: go };
    const first = workers.said(workers.begin(fate));
    assert.ok(await until(60, () => (workers.did().length > 0 ? true : undefined)));
    const server = findPostmaster(join(workers.folder, "state", "database", "data"));
    process.kill(server?.process.pid ?? 0, "SIGKILL");
    assert.match((await first).error, /The database of runs was lost/);
    writeFileSync(go, "");
    await workers.toTheEnd(fate);
    assert.equal((await workers.recorded())?.run.ended?.outcome, "done");
    assertOneAtATime(workers.did());
  });

  it("whose process died before it began goes on like any other, or is given up for another", async () => {
    const fate: Fate = { regions: ["use1"], seconds: 0 };
    await workers.said(workers.begin({ ...fate, dies: true }));
    assert.equal((await workers.recorded())?.run.ended, undefined);
    await workers.toTheEnd(fate);
    assert.deepEqual((await workers.recorded())?.run.ended?.outcome, "done");
    await workers.killedAfter({ ...fate, awaits: join(workers.folder, "go") }, workers.did().length + 1, 0);
    writeFileSync(join(workers.folder, "go"), "");
    await workers.toTheEnd({ ...fate, left: "given up" });
    const known = await workers.recorded();
    assert.deepEqual([known?.run.number, known?.run.ended?.outcome], [3, "done"]);
    assert.deepEqual(known?.before, ["given-up: another is wanted", "done: "]);
    assertOneAtATime(workers.did());
  });

  it("that is interrupted finishes what has begun, starts nothing, and ends as cancelled", async () => {
    const go = join(workers.folder, "go");
    const child = workers.begin({ regions: ["euw1", "use1"], seconds: 0, awaits: go });
    const end = workers.said(child);
    assert.ok(await until(60, () => (workers.did().length > 1 ? true : undefined)));
    child.kill("SIGINT");
    assert.ok(await until(60, () => (workers.did().includes("interrupted") ? true : undefined)));
    writeFileSync(go, "");
    assert.match((await end).out, /"outcome":"cancelled"/);
    const known = await workers.recorded();
    assert.deepEqual(
      known?.state.steps.map(({ status }) => status),
      ["succeeded", "succeeded", "waiting", "waiting", "waiting"],
    );
    assert.deepEqual(known?.state.cancelled, { by: "an interrupt" });
    assertOneAtATime(workers.did());
  });
});
