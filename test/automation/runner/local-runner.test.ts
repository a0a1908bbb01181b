import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import type { GateKeeper } from "../../../automation/runner/gate-keeper";
import { LocalRunner } from "../../../automation/runner/local-runner";
import type { RunEvent, RunOptions } from "../../../automation/runner/runner";
import { eventText } from "../../../automation/up";
import { samplePlan } from "../../components/sample-plan";

/** Real child processes, in which nothing succeeds: the engine that they are told of is not there. */
describe("a run whose stacks all fail", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "runner-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function eventsOf(asked: Partial<RunOptions>): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const run = new LocalRunner().run({ stacks: rolloutStacks(samplePlan(["euw1", "use1"])) }, "up", {
      project: "trunkline",
      site: {
        kind: "cloud",
        environment: { PATH: process.env["PATH"] ?? "" },
        stateFolder: join(folder, "state"),
        pulumiRoot: join(folder, "nowhere"),
      },
      programs: join(folder, "programs"),
      input: {},
      parallel: 1,
      stop: new AbortController().signal,
      stopNow: new AbortController().signal,
      ...asked,
    });
    for await (const event of run) events.push(event);
    return events;
  }

  async function outcomes(asked: Partial<RunOptions>): Promise<string[]> {
    const events = await eventsOf(asked);
    assert.deepEqual(events.at(-1)?.kind === "run-finished" && events.at(-1), {
      ...events.at(-1),
      outcome: asked.stop?.aborted === true ? "cancelled" : "failed",
    });
    return events.flatMap((event) =>
      event.kind === "stack-finished"
        ? [
            `${event.stack.replace("acme.", "")} ${event.outcome}${event.outcome === "skipped" ? `: ${event.because ?? ""}` : ""}`,
          ]
        : [],
    );
  }

  const needs = "a stack that it needs did not succeed";
  const after = "nothing new starts after what failed";

  it("goes on with what needs none of them, where no rollout is asked for", async () => {
    assert.deepEqual(await outcomes({}), [
      "region-euw1 failed",
      "region-use1 failed",
      `trust skipped: ${needs}`,
      `fabric-use1 skipped: ${needs}`,
      `fabric-euw1 skipped: ${needs}`,
    ]);
  });

  it("ends with the first, the canary's, where one is", async () => {
    const rollout = { canary: "use1", failuresTolerated: 5, soakSeconds: 0, gates: [] };
    assert.deepEqual(await outcomes({ rollout }), [
      "region-use1 failed",
      `region-euw1 skipped: ${after}`,
      `trust skipped: ${needs}`,
      `fabric-use1 skipped: ${needs}`,
      `fabric-euw1 skipped: ${needs}`,
    ]);
  });

  it("begins nothing where it has gates and nobody asks them", async () => {
    const rollout = { failuresTolerated: 0, soakSeconds: 0, gates: [{ kind: "health" as const }] };
    await assert.rejects(outcomes({ rollout }), /The run has gates, and nobody asks them/);
  });

  it("asks a gate of what failed, and takes back what its keeper says was brought", async () => {
    const did: string[] = [];
    const rollout = { failuresTolerated: 9, soakSeconds: 0, gates: [{ kind: "health" as const }] };
    const keeper: GateKeeper = {
      begins: (stack) => void did.push(`begins ${stack}`),
      ended: (stack, { succeeded }) => {
        did.push(`ended ${stack} ${String(succeeded)}`);
        const change = { gateway: "use1-a", from: "0ld", to: "new" };
        return Promise.resolve({ changed: true, released: stack.endsWith("use1") ? [change] : [] });
      },
      ask: ({ regions, unsettled }) => {
        did.push(`asked of ${regions.join("+")}, without ${unsettled.join("+")}`);
        return Promise.resolve({ outcome: "failed", because: "it looks bad", evidence: ["use1-a: bad"] });
      },
      proven: () => assert.fail("nothing was proven"),
      goBack: (gateway, to) => {
        did.push(`${gateway} back to ${to}`);
        return Promise.resolve({ outcome: "returned" });
      },
    };
    const events = await eventsOf({ rollout, keeper });
    assert.deepEqual(did, [
      ...["begins acme.region-euw1", "ended acme.region-euw1 false"],
      ...["begins acme.region-use1", "ended acme.region-use1 false"],
      ...["asked of euw1+use1, without euw1+use1", "use1-a back to 0ld"],
    ]);
    assert.deepEqual(
      events.flatMap((event) => (/^(gate|return)-/.test(event.kind) ? [eventText(event)] : [])),
      [
        "gate health of euw1, use1 …",
        "gate health of euw1, use1 has failed: it looks bad\n  use1-a: bad",
        "use1-a: goes back to release 0ld, which it ran before",
        "use1-a is back on release 0ld",
      ],
    );
    const end = events.at(-1);
    assert.ok(end?.kind === "run-finished");
    const { outcome, because, evidence } = end;
    assert.deepEqual(
      { outcome, because, evidence },
      {
        outcome: "rolled-back",
        because: "the gate health failed: it looks bad",
        evidence: ["use1-a: bad"],
      },
    );
  });

  it("takes the answer of a gate that an interrupt hurried for none: nothing goes back", async () => {
    const stop = new AbortController();
    const keeper: GateKeeper = {
      begins: () => undefined,
      ended: () => Promise.resolve({ changed: true, released: [{ gateway: "a", from: "1", to: "2" }] }),
      ask: () => {
        stop.abort();
        return Promise.resolve({ outcome: "failed", because: "not yet", evidence: [] });
      },
      proven: () => assert.fail("nothing was proven"),
      goBack: () => assert.fail("nothing goes back"),
    };
    const rollout = { failuresTolerated: 9, soakSeconds: 0, gates: [{ kind: "health" as const }] };
    const events = await eventsOf({ rollout, keeper, stop: stop.signal });
    const gate = events.find(({ kind }) => kind === "gate-finished");
    assert.ok(gate?.kind === "gate-finished" && gate.outcome === "interrupted");
    assert.match(eventText(gate) ?? "", /was stopped: nothing is proven, and nothing goes back/);
    const end = events.at(-1);
    assert.ok(end?.kind === "run-finished" && end.outcome === "cancelled");
  });

  it("begins nothing where it is stopped already", async () => {
    const skipped = await outcomes({ stop: AbortSignal.abort() });
    assert.deepEqual(
      new Set(skipped.map((line) => line.replace(/^\S+ /, ""))),
      new Set(["skipped: the run was cancelled"]),
    );
  });
});
