import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { beginRollout, type RolloutRequest } from "../../../automation/rollout/begin";
import { drive, type Hands, type StepResult } from "../../../automation/rollout/drive";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import { rolloutOf, soak } from "../../../automation/runner/run-rollout";
import { samplePlan } from "../../components/sample-plan";
import { graphs } from "./random-run";

const stacks = rolloutStacks(samplePlan(["apse2", "euw1", "use1"]));
const rollout = { canary: "euw1", failuresTolerated: 0, soakSeconds: 600, gates: [] };
const run = { project: "trunkline", parallel: 4 };
const upRun = () => rolloutOf({ stacks }, "up", { ...run, rollout });

/** Of a run without gates nobody asks for these. */
const noGates: Pick<Hands, "gate" | "proven" | "goBack"> = {
  gate: ({ what }) => assert.fail(`the gate ${what.kind} is asked`),
  proven: () => undefined,
  goBack: (gateway) => assert.fail(`${gateway} goes back`),
};

/** Hands that note what they do, a turn of the loop long. */
function hands(result: (step: string) => StepResult = () => ({ outcome: "succeeded", changed: true })) {
  const did: string[] = [];
  return {
    did,
    step: async (name: string): Promise<StepResult> => {
      did.push(name.replace("acme.", ""));
      await turn();
      return result(name);
    },
    soak: async (seconds: number, regions: readonly string[]): Promise<void> => {
      did.push(`${String(seconds)} s after ${regions.join("+")}`);
      await turn();
    },
    ...noGates,
  };
}

describe("a run in one process", () => {
  it("goes by its waves, and soaks between them", async () => {
    const all = hands();
    assert.deepEqual((await drive(upRun(), new AbortController().signal, all)).left, []);
    assert.deepEqual(all.did, [
      ...["region-euw1", "region-apse2", "region-use1", "trust", "fabric-euw1"],
      "600 s after euw1",
      ...["fabric-use1", "fabric-apse2"],
    ]);
  });

  it("does not soak where nothing changed", async () => {
    const all = hands(() => ({ outcome: "succeeded", changed: false }));
    await drive(upRun(), new AbortController().signal, all);
    assert.ok(!all.did.some((what) => what.includes(" s after ")));
    assert.equal(all.did.length, 7);
  });

  it("ends with what a failure leaves, each with its reason", async () => {
    const fails = (name: string): StepResult =>
      name === "acme.fabric-euw1"
        ? { outcome: "failed", because: "quota" }
        : { outcome: "succeeded", changed: true };
    const { left } = await drive(upRun(), new AbortController().signal, hands(fails));
    assert.deepEqual(left, [
      { step: "acme.fabric-use1", because: "nothing new starts after what failed" },
      { step: "acme.fabric-apse2", because: "nothing new starts after what failed" },
    ]);
    const one = (name: string): StepResult =>
      name === "acme.region-euw1"
        ? { outcome: "failed", because: "quota" }
        : { outcome: "succeeded", changed: true };
    const all = hands(one);
    // Without a rollout of the fleet's all that may run does.
    assert.equal(
      (await drive(rolloutOf({ stacks }, "up", run), new AbortController().signal, all)).left.length,
      4,
    );
    assert.deepEqual(all.did, ["region-apse2", "region-euw1", "region-use1"]);
  });

  it("an interrupt ends a soak, lets what runs end, and starts nothing more", async () => {
    const stop = new AbortController();
    const all = hands();
    const { left } = await drive(upRun(), stop.signal, {
      ...all,
      soak: (seconds) => {
        setImmediate(() => stop.abort());
        return soak(seconds, stop.signal);
      },
    });
    assert.deepEqual(left, [
      { step: "acme.fabric-use1", because: "the run was cancelled" },
      { step: "acme.fabric-apse2", because: "the run was cancelled" },
    ]);
    const early = new AbortController();
    early.abort();
    const none = hands();
    assert.equal((await drive(upRun(), early.signal, none)).left.length, 7);
    assert.deepEqual(none.did, []);
  });

  it("asks questions of all stacks at once, and destroys from the end", async () => {
    for (const { operation, first } of [
      { operation: "outputs", first: ["region-apse2", "region-euw1", "region-use1", "trust"] },
      { operation: "destroy", first: ["fabric-apse2", "fabric-euw1", "fabric-use1", "trust"] },
    ] as const) {
      const all = hands();
      const options = { ...run, rollout };
      await drive(rolloutOf({ stacks }, operation, options), new AbortController().signal, all);
      assert.deepEqual(all.did.slice(0, 4), first);
      assert.equal(all.did.length, 7);
    }
  });

  it("refuses, before it begins, a run with a gate that nobody here asks", async () => {
    const options = {
      parallel: 1,
      failuresTolerated: 0,
      startGates: [],
      gates: [{ kind: "webhook" as const, url: "https://gate.example.com/", timeoutSeconds: 5 }],
    };
    const request: RolloutRequest = { fleet: "acme", operation: "up", by: "alice", stacks, options };
    const all = hands();
    await assert.rejects(
      drive(beginRollout(request), new AbortController().signal, all),
      /Nobody here asks a gate of kind webhook/,
    );
    assert.deepEqual(all.did, []);
  });

  it("law: it ends over any graph, whatever fails and whenever it is interrupted, and does no step twice", async () => {
    const runs = fc.record({
      stacks: graphs,
      parallel: fc.integer({ min: 1, max: 4 }),
      fails: fc.array(fc.nat(13), { maxLength: 3 }),
      interruptAt: fc.option(fc.nat(14)),
      soakSeconds: fc.constantFrom(0, 5),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ stacks: some, parallel, fails, interruptAt, soakSeconds }) => {
        const stop = new AbortController();
        const all = hands((name) =>
          fails.includes(Number(name.slice(1)))
            ? { outcome: "failed", because: "x" }
            : { outcome: "succeeded", changed: true },
        );
        const asked = {
          canary: "fewest-links",
          regionsPerWave: 2,
          failuresTolerated: 1,
          soakSeconds,
          gates: [],
        };
        const { left } = await drive(
          rolloutOf({ stacks: some }, "up", { project: "trunkline", parallel, rollout: asked }),
          stop.signal,
          {
            ...all,
            step: (name) => {
              if (all.did.length === interruptAt) stop.abort();
              return all.step(name);
            },
          },
        );
        const steps = all.did.filter((what) => !what.includes(" s after "));
        assert.deepEqual(
          [...steps, ...left.map(({ step }) => step)].sort(),
          some.map(({ name }) => name).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });
});
