import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { drive, type Hands, type ReturnResult, type StepResult } from "../../../automation/rollout/drive";
import type { AskedGate, GateAnswer } from "../../../automation/rollout/gate-answer";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import { rolloutOf, soak } from "../../../automation/runner/run-rollout";
import type { FleetRollout } from "../../../fleet/rollout";
import { samplePlan } from "../../components/sample-plan";
import { graphs } from "./random-run";

const plan = samplePlan(["apse2", "euw1", "use1"]);
const stacks = rolloutStacks(plan);
const gates: FleetRollout["gates"] = [
  { kind: "health" },
  { kind: "command", words: ["./check", "--fast"], timeoutSeconds: 5 },
];
const run = (rollout: Partial<FleetRollout> = {}) =>
  rolloutOf({ stacks }, "up", {
    project: "trunkline",
    parallel: 4,
    rollout: { canary: "euw1", failuresTolerated: 0, soakSeconds: 0, gates, ...rollout },
  });

interface World {
  step?(name: string): StepResult;
  gate?(asked: AskedGate): GateAnswer | Promise<GateAnswer>;
  goBack?(gateway: string): ReturnResult;
}

/** Hands that note what they do; every release is another one, and all that is asked passes, unless told otherwise. */
function hands({ step, gate, goBack }: World = {}) {
  const did: string[] = [];
  const gatewaysOf = new Map(stacks.map((stack) => [stack.name, stack.gateways]));
  const note: Hands = {
    step: async (name) => {
      did.push(name.replace("acme.", ""));
      await turn();
      const released = (gatewaysOf.get(name) ?? []).map((gateway) => ({ gateway, from: "old", to: "new" }));
      return step?.(name) ?? { outcome: "succeeded", changed: true, released };
    },
    soak: async (seconds) => {
      did.push(`${String(seconds)} s`);
      await turn();
    },
    gate: async (asked) => {
      did.push(`${asked.what.kind} of ${asked.regions.join("+")}`);
      await turn();
      return (await gate?.(asked)) ?? { outcome: "passed", evidence: [] };
    },
    proven: (names) => void did.push(`proven ${names.map((name) => name.replace("acme.", "")).join("+")}`),
    goBack: async (gateway, to) => {
      did.push(`${gateway} begins back to ${to}`);
      await turn();
      did.push(`${gateway} ends`);
      return goBack?.(gateway) ?? { outcome: "returned" };
    },
  };
  return { did, ...note };
}

const never = new AbortController().signal;
const beforeCanary = ["region-euw1", "region-apse2", "region-use1", "trust", "fabric-euw1"];
const no: GateAnswer = { outcome: "failed", because: "it looks bad", evidence: ["euw1-a: bad"] };

describe("gates of a run in one process", () => {
  it("are asked one after the other behind the soak, after each wave that completes regions", async () => {
    const all = hands();
    assert.equal((await drive(run({ soakSeconds: 600 }), never, all)).outcome, "done");
    assert.deepEqual(all.did, [
      ...beforeCanary,
      ...["600 s", "health of euw1", "command of euw1", "proven fabric-euw1"],
      ...["fabric-use1", "fabric-apse2"],
      ...["600 s", "health of apse2+use1", "command of apse2+use1", "proven fabric-use1+fabric-apse2"],
    ]);
  });

  it("are told which regions are unsettled, and in which of these something has changed", async () => {
    const told: AskedGate[] = [];
    const world: World = {
      step: (name) => ({ outcome: "succeeded", changed: !name.endsWith("region-apse2") }),
      gate: (asked) => {
        told.push(asked);
        return { outcome: "passed", evidence: [] };
      },
    };
    await drive(run({ gates: [{ kind: "proofs" }] }), never, hands(world));
    assert.deepEqual(
      told.map(({ regions, unsettled, disturbed }) => [regions, unsettled, disturbed]),
      [
        [["euw1"], ["apse2", "use1"], ["use1"]],
        [["apse2", "use1"], [], []],
      ],
    );
  });

  it("are not asked of a wave that changed nothing, and nothing of it is said to be proven", async () => {
    const all = hands({ step: () => ({ outcome: "succeeded", changed: false }) });
    assert.equal((await drive(run(), never, all)).outcome, "done");
    assert.ok(!all.did.some((what) => / of |proven/.test(what)), all.did.join("\n"));
  });

  it("when one fails, the wave's gateways go back one after the other, and nothing else is touched", async () => {
    const all = hands({ gate: () => no });
    const end = await drive(run(), never, all);
    assert.deepEqual(all.did, [
      ...beforeCanary,
      "health of euw1",
      ...["euw1-a begins back to old", "euw1-a ends", "euw1-b begins back to old", "euw1-b ends"],
    ]);
    assert.deepEqual(end, {
      kind: "end",
      outcome: "rolled-back",
      because: "the gate health failed: it looks bad",
      evidence: ["euw1-a: bad"],
      left: [
        { step: "acme.fabric-use1", because: "nothing new starts after what failed" },
        { step: "acme.fabric-euw1", because: "its gateways went back" },
        { step: "acme.fabric-apse2", because: "nothing new starts after what failed" },
      ],
    });
  });

  it("of a later wave take back that wave alone, gateways of two regions side by side", async () => {
    const all = hands({
      gate: ({ regions }) => (regions.includes("use1") ? no : { outcome: "passed", evidence: [] }),
    });
    const end = await drive(run(), never, all);
    assert.equal(end.outcome, "rolled-back");
    const back = all.did.filter((what) => /begins|ends/.test(what));
    assert.deepEqual(back.slice(0, 2), ["use1-a begins back to old", "apse2-a begins back to old"]);
    assert.equal(back.length, 8);
    assert.ok(!back.some((what) => what.startsWith("euw1")));
  });

  it("the run has failed, with which and why, where a gateway does not go back", async () => {
    const all = hands({
      gate: () => no,
      goBack: (gateway) =>
        gateway === "euw1-a" ? { outcome: "failed", because: "it does not answer" } : { outcome: "returned" },
    });
    const { outcome, because } = await drive(run(), never, all);
    assert.equal(outcome, "failed");
    assert.equal(because, "the gate health failed: it looks bad\neuw1-a did not go back: it does not answer");
  });

  it("the run has failed where there is no release to go back to", async () => {
    const world: World = { step: () => ({ outcome: "succeeded", changed: true }), gate: () => no };
    const { outcome, because } = await drive(run(), never, hands(world));
    assert.equal(outcome, "failed");
    assert.match(because ?? "", /no gateway of the wave has an earlier release to go back to$/);
  });

  it("what a step that failed halfway had brought goes back with the rest", async () => {
    const all = hands({
      step: (name) =>
        name === "acme.fabric-euw1"
          ? {
              outcome: "failed",
              because: "euw1-b: full",
              released: [{ gateway: "euw1-a", from: "old", to: "new" }],
            }
          : { outcome: "succeeded", changed: true },
      gate: () => no,
    });
    const end = await drive(
      rolloutOf({ stacks }, "up", {
        project: "trunkline",
        parallel: 4,
        rollout: { failuresTolerated: 3, soakSeconds: 0, gates },
      }),
      never,
      all,
    );
    assert.equal(end.outcome, "rolled-back");
    assert.deepEqual(
      all.did.filter((what) => what.includes("begins")),
      ["euw1-a begins back to old"],
    );
  });
});

describe("an interrupt", () => {
  for (const { where, regions } of [
    { where: "the canary's gate", regions: "euw1" },
    { where: "the last gate", regions: "use1" },
  ])
    it(`in ${where} ends the run as cancelled: nothing starts, nothing goes back, nothing is proven`, async () => {
      const stop = new AbortController();
      const all = hands({
        gate: (asked) => {
          if (!asked.regions.includes(regions)) return { outcome: "passed", evidence: [] };
          stop.abort();
          return { outcome: "interrupted" };
        },
      });
      const { outcome, because } = await drive(run(), stop.signal, all);
      assert.equal(outcome, "cancelled");
      assert.equal(because, "an interrupt cancelled the run");
      assert.match(all.did.at(-1) ?? "", /^health of /);
    });

  it("in a soak before a gate ends it before the gate", async () => {
    const stop = new AbortController();
    const all = hands();
    const ended = drive(run({ soakSeconds: 600 }), stop.signal, {
      ...all,
      soak: (seconds) => {
        setImmediate(() => stop.abort());
        return soak(seconds, stop.signal);
      },
    });
    assert.equal((await ended).outcome, "cancelled");
    assert.ok(!all.did.some((what) => what.includes(" of ")));
  });

  it("stops no gateway that goes back, and the run ends as rolled back", async () => {
    const stop = new AbortController();
    const all = hands({
      gate: () => no,
      goBack: () => {
        stop.abort();
        return { outcome: "returned" };
      },
    });
    assert.equal((await drive(run(), stop.signal, all)).outcome, "rolled-back");
    assert.equal(all.did.filter((what) => what.endsWith(" ends")).length, 2);
  });
});

describe("law", () => {
  it("a run with gates ends over any graph, whatever fails, and starts nothing after a gate that failed", async () => {
    const runs = fc.record({
      stacks: graphs,
      fails: fc.array(fc.nat(13), { maxLength: 2 }),
      gateFailsAt: fc.option(fc.nat(4)),
      interruptAt: fc.option(fc.nat(14)),
      stays: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ stacks: some, fails, gateFailsAt, interruptAt, stays }) => {
        const stop = new AbortController();
        const gatewaysOf = new Map(some.map((stack) => [stack.name, stack.gateways]));
        let asked = 0;
        let steps = 0;
        let failed = false;
        const end = await drive(
          rolloutOf({ stacks: some }, "up", {
            project: "trunkline",
            parallel: 2,
            rollout: {
              canary: "fewest-links",
              regionsPerWave: 1,
              failuresTolerated: 1,
              soakSeconds: 0,
              gates: [{ kind: "health" }],
            },
          }),
          stop.signal,
          {
            soak: () => Promise.resolve(),
            proven: () => assert.ok(!failed),
            step: async (name) => {
              assert.ok(!failed, `${name} starts after a gate that failed`);
              if (steps++ === interruptAt) stop.abort();
              await turn();
              const released = (gatewaysOf.get(name) ?? []).map((gateway) => ({
                gateway,
                from: "1",
                to: "2",
              }));
              return fails.includes(Number(name.slice(1)))
                ? { outcome: "failed", because: "x", released: released.slice(1) }
                : { outcome: "succeeded", changed: true, released };
            },
            gate: async () => {
              await turn();
              if (stop.signal.aborted) return { outcome: "interrupted" };
              failed = asked++ === gateFailsAt;
              return failed ? no : { outcome: "passed", evidence: [] };
            },
            goBack: async () => {
              assert.ok(failed);
              await turn();
              return stays ? { outcome: "failed", because: "it stays" } : { outcome: "returned" };
            },
          },
        );
        if (failed) assert.match(end.because ?? "", /^the gate health failed: it looks bad/);
        assert.equal(
          end.outcome === "rolled-back",
          failed && !stays && /health/.test(end.because ?? "") && !/no gateway/.test(end.because ?? ""),
        );
      }),
      { numRuns: 300 },
    );
  });
});
