import assert from "node:assert/strict";
import { beginRollout, type RolloutRequest } from "../../../automation/rollout/begin";
import type { RolloutEvent } from "../../../automation/rollout/event";
import type { Gate } from "../../../automation/rollout/gate";
import { type Decision, next } from "../../../automation/rollout/next";
import { record } from "../../../automation/rollout/record";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import { formatRollout, parseRollout, type Rollout } from "../../../automation/rollout/state";
import { samplePlan } from "../../components/sample-plan";

const stacks = rolloutStacks(samplePlan(["apse2", "euw1", "use1"]));
const fabrics = new Set(["acme.fabric-apse2", "acme.fabric-euw1", "acme.fabric-use1"]);
const proofs: Gate = { kind: "proofs" };
const another: Gate = { kind: "approval", by: "another" };

function begin(gates: readonly Gate[] = [], request: Partial<RolloutRequest> = {}): Rollout {
  const options = { canary: "euw1", parallel: 4, failuresTolerated: 0, startGates: [], gates: [...gates] };
  return beginRollout({
    fleet: "acme",
    operation: "up",
    by: "alice",
    stacks,
    changed: fabrics,
    options,
    ...request,
  });
}

/** @throws when an event is refused */
function after(rollout: Rollout, ...events: readonly RolloutEvent[]): Rollout {
  return events.reduce((state, event) => {
    const result = record(state, event);
    assert.ok(result.ok, result.ok ? "" : `${event.kind}: ${result.because}`);
    return result.rollout;
  }, rollout);
}

const up = (region: string, from: string | null = "old", attempt = 1): RolloutEvent[] => [
  { kind: "step-started", step: `acme.fabric-${region}`, attempt },
  {
    kind: "step-succeeded",
    step: `acme.fabric-${region}`,
    attempt,
    changed: true,
    released: ["a", "b"].map((letter) => ({ gateway: `${region}-${letter}`, from, to: "new" })),
  },
];
const gate = (wave: number, place = 0, attempt = 1) => ({ wave, gate: place, attempt });
const start = (wave: number, place = 0, attempt = 1): RolloutEvent => ({
  kind: "gate-started",
  ...gate(wave, place, attempt),
  at: "2026-01-01T00:00:00Z",
});
const fails = (wave: number): RolloutEvent => ({
  kind: "gate-failed",
  ...gate(wave),
  because: "1 proof failed",
  evidence: ["euw1-a~use1-a: no SA"],
});
const kinds = (rollout: Rollout): string[] => next(rollout).map(({ kind }) => kind);
const endOf = (rollout: Rollout): Decision & { kind: "end" } => {
  const [decision] = next(rollout);
  assert.ok(decision?.kind === "end", JSON.stringify(decision));
  return decision;
};

describe("a rollout", () => {
  it("asks a gate of the canary about the regions that are settled, and goes on when it has passed", () => {
    const asked = after(begin([proofs]), ...up("euw1"));
    assert.deepEqual(next(asked), [
      { kind: "run-gate", ...gate(0), what: proofs, regions: ["euw1"], unsettled: ["apse2", "use1"] },
    ]);
    const passed = after(asked, start(0), { kind: "gate-passed", ...gate(0), evidence: ["12 proofs"] });
    assert.deepEqual(next(passed), [
      { kind: "start-step", step: "acme.fabric-use1", attempt: 1 },
      { kind: "start-step", step: "acme.fabric-apse2", attempt: 1 },
    ]);
    assert.equal(
      endOf(
        after(passed, ...up("use1"), ...up("apse2"), start(1), {
          kind: "gate-passed",
          ...gate(1),
          evidence: [],
        }),
      ).outcome,
      "done",
    );
  });

  it("on a failed gate brings the wave's gateways back, one of a region at a time, and says why", () => {
    const failed = after(begin([proofs]), ...up("euw1"), start(0), fails(0));
    assert.deepEqual(next(failed), [{ kind: "return-gateway", gateway: "euw1-a", to: "old" }]);
    const first = after(failed, { kind: "return-started", gateway: "euw1-a" });
    assert.deepEqual(next(first), []);
    const back = after(
      first,
      { kind: "returned", gateway: "euw1-a" },
      { kind: "return-started", gateway: "euw1-b" },
      { kind: "cancel-asked", by: "bob" },
      { kind: "returned", gateway: "euw1-b" },
    );
    assert.deepEqual(endOf(back), {
      kind: "end",
      outcome: "rolled-back",
      because: "the gate proofs failed: 1 proof failed",
      evidence: ["euw1-a~use1-a: no SA"],
      left: [
        { step: "acme.fabric-use1", because: "the run was cancelled" },
        { step: "acme.fabric-euw1", because: "its gateways went back" },
        { step: "acme.fabric-apse2", because: "the run was cancelled" },
      ],
    });
    assert.deepEqual(
      back.steps.map(({ status, attempts }) => `${status} ${String(attempts)}`),
      ["waiting 0", "returned 1", "waiting 0"],
    );
    const again = after(back, { kind: "retry-asked", by: "bob" });
    assert.deepEqual(next(again), [{ kind: "start-step", step: "acme.fabric-euw1", attempt: 2 }]);
    assert.deepEqual(
      next(after(again, ...up("euw1", "old", 2))).map((one) => one.kind === "run-gate" && one.attempt),
      [2],
    );
  });

  it("brings a gateway back to what it ran before the run, however often its step was tried", () => {
    const step = "acme.fabric-euw1";
    const tried = (attempt: number, from: string, to: string, failed: boolean): RolloutEvent[] => {
      const released = [{ gateway: "euw1-a", from, to }];
      return [
        { kind: "step-started", step, attempt },
        failed
          ? { kind: "step-failed", step, attempt, because: "euw1-b: no answer", released }
          : { kind: "step-succeeded", step, attempt, changed: true, released },
      ];
    };
    const once = after(begin([proofs]), ...tried(1, "old", "first", true), {
      kind: "retry-asked",
      by: "bob",
    });
    const asked: RolloutEvent[] = [
      start(0, 0, 2),
      { kind: "gate-failed", ...gate(0, 0, 2), because: "no SA", evidence: [] },
    ];
    const twice = after(once, ...tried(2, "first", "second", false), ...asked);
    assert.deepEqual(next(twice), [{ kind: "return-gateway", gateway: "euw1-a", to: "old" }]);
    // It is there already.
    const same = after(once, ...tried(2, "first", "old", false), ...asked);
    assert.match(endOf(same).because ?? "", /no gateway of the wave has an earlier release/);
  });

  for (const { why, from, backs, says } of [
    {
      why: "a gateway that does not go back",
      from: "old",
      backs: true,
      says: /euw1-b did not go back: no answer/,
    },
    {
      why: "gateways without an earlier release",
      from: null,
      backs: false,
      says: /no gateway of the wave has an earlier release/,
    },
  ])
    it(`has failed, and is not rolled back, with ${why}`, () => {
      let rollout = after(begin([proofs]), ...up("euw1", from), start(0), fails(0));
      if (backs)
        rollout = after(
          rollout,
          { kind: "return-started", gateway: "euw1-a" },
          { kind: "returned", gateway: "euw1-a" },
          { kind: "return-started", gateway: "euw1-b" },
          { kind: "return-failed", gateway: "euw1-b", because: "no answer" },
        );
      const { outcome, because } = endOf(rollout);
      assert.equal(outcome, "failed");
      assert.match(because ?? "", says);
    });

  it("does not ask what can judge nothing of a wave that changed nothing, and asks a person all the same", () => {
    const [started] = up("euw1");
    assert.ok(started !== undefined);
    const same: RolloutEvent = {
      kind: "step-succeeded",
      step: "acme.fabric-euw1",
      attempt: 1,
      changed: false,
      released: [],
    };
    const soak: Gate = { kind: "soak", seconds: 600 };
    assert.deepEqual(kinds(after(begin([soak, proofs]), started, same)), ["start-step", "start-step"]);
    assert.deepEqual(kinds(after(begin([soak, another]), started, same)), ["await-approval"]);
  });

  it("neither soaks nor asks for an approval behind the last wave, but for what then judges", () => {
    const soak: Gate = { kind: "soak", seconds: 600 };
    const last = (gates: readonly Gate[]) =>
      begin(gates)
        .waves.at(-1)
        ?.gates.map(({ gate: { kind } }) => kind);
    assert.deepEqual(last([soak, another]), []);
    assert.deepEqual(last([another, soak, proofs, soak]), ["soak", "proofs"]);
  });

  describe("that another must approve", () => {
    const asked = after(begin([another]), ...up("euw1"));
    const approve = (by: string, attempt = 1) =>
      record(asked, { kind: "approved", ...gate(0, 0, attempt), by });

    it("is not approved by whoever asked for it, nor by whoever asked again", () => {
      assert.deepEqual(next(asked), [{ kind: "await-approval", ...gate(0), notBy: ["alice"] }]);
      const own = approve("alice");
      assert.ok(!own.ok && /alice asked for this run, and another must approve it/.test(own.because));
      assert.ok(approve("bob").ok);
      const again = after(asked, { kind: "cancel-asked", by: "alice" }, { kind: "retry-asked", by: "bob" });
      assert.deepEqual(next(again), [{ kind: "await-approval", ...gate(0, 0, 2), notBy: ["alice", "bob"] }]);
      assert.ok(!record(again, { kind: "approved", ...gate(0, 0, 2), by: "bob" }).ok);
    });

    it("may be approved while it is paused, and starts nothing before it goes on", () => {
      const paused = after(asked, { kind: "paused", by: "alice" });
      assert.deepEqual(kinds(paused), ["await-resume", "await-approval"]);
      const approved = after(paused, { kind: "approved", ...gate(0), by: "bob" });
      assert.deepEqual(kinds(approved), ["await-resume"]);
      assert.deepEqual(kinds(after(approved, { kind: "resumed", by: "bob" })), ["start-step", "start-step"]);
    });

    it("takes an approval for what it was given for alone", () => {
      const again = after(asked, { kind: "cancel-asked", by: "alice" }, { kind: "retry-asked", by: "alice" });
      assert.ok(!record(again, { kind: "approved", ...gate(0), by: "bob" }).ok);
      assert.ok(!record(begin([another]), { kind: "approved", ...gate(0), by: "bob" }).ok);
    });

    it("ends where it is declined, and what was brought goes back", () => {
      const no = after(asked, { kind: "declined", ...gate(0), by: "bob", because: "not on a Friday" });
      assert.deepEqual(kinds(no), ["return-gateway"]);
    });

    it("before it begins: nothing was touched when it is declined", () => {
      const options = { parallel: 1, failuresTolerated: 0, startGates: [another], gates: [] };
      const asks = begin([], { options });
      assert.deepEqual(kinds(asks), ["await-approval"]);
      const no = endOf(after(asks, { kind: "declined", ...gate(0), by: "bob", because: "no" }));
      assert.equal(no.outcome, "failed");
      assert.match(no.because ?? "", /nothing was touched/);
      assert.deepEqual(kinds(after(asks, { kind: "approved", ...gate(0), by: "bob" })), ["start-step"]);
    });
  });

  it("cancelled, lets what runs end and starts no other; retried, goes on where it was", () => {
    const options = { parallel: 2, failuresTolerated: 0, startGates: [], gates: [] };
    const [starts, ends] = up("use1");
    assert.ok(starts !== undefined && ends !== undefined);
    const cancelled = after(begin([], { options }), starts, { kind: "cancel-asked", by: "bob" });
    assert.deepEqual(next(cancelled), []);
    const ended = after(cancelled, ends);
    assert.match(endOf(ended).because ?? "", /^bob cancelled the run$/);
    assert.equal(endOf(ended).outcome, "cancelled");
    const again = after(ended, { kind: "retry-asked", by: "alice" });
    assert.deepEqual(
      next(again).map((one) => one.kind === "start-step" && one.step),
      ["acme.fabric-euw1", "acme.fabric-apse2"],
    );
  });

  it("destroys from the end of the graph, the canary last, and proves nothing of what is gone", () => {
    const gone = begin([proofs, another], {
      operation: "destroy",
      changed: new Set(stacks.map(({ name }) => name)),
    });
    assert.deepEqual(
      gone.waves.map(({ kind, steps, completes, gates }) => [
        kind,
        steps.map((name) => name.replace("acme.", "")),
        completes,
        gates.map((one) => one.gate.kind),
      ]),
      [
        ["regions", ["fabric-apse2", "fabric-use1"], [], []],
        ["canary", ["fabric-euw1"], [], []],
        ["preparation", ["trust", "region-use1", "region-apse2"], ["apse2", "use1"], ["approval"]],
        ["canary", ["region-euw1"], ["euw1"], []],
      ],
    );
    assert.deepEqual(
      [...(gone.steps.find(({ name }) => name === "acme.trust")?.needs ?? [])].sort(),
      [...fabrics].sort(),
    );
  });

  it("of 1,000 stacks that all read each other costs milliseconds a step", () => {
    const names = Array.from({ length: 500 }, (_, index) => `r${String(index)}`);
    const lower = names.map((region) => ({ name: `region-${region}`, region, dependsOn: [], gateways: [] }));
    const all = lower.map(({ name }) => name);
    const large = [
      ...lower,
      ...names.map((region) => ({ name: `fabric-${region}`, region, dependsOn: all, gateways: [] })),
    ];
    const options = { canary: "r7", parallel: 20, failuresTolerated: 0, startGates: [], gates: [] };
    const began = process.cpuUsage();
    let rollout = beginRollout({ fleet: "acme", operation: "up", by: "alice", stacks: large, options });
    while (next(rollout)[0]?.kind === "start-step") {
      for (const one of next(rollout))
        if (one.kind === "start-step")
          rollout = after(rollout, { kind: "step-started", step: one.step, attempt: one.attempt });
      for (const { name, status } of rollout.steps)
        if (status === "running")
          rollout = after(rollout, {
            kind: "step-succeeded",
            step: name,
            attempt: 1,
            changed: true,
            released: [],
          });
    }
    assert.equal(endOf(rollout).outcome, "done");
    // Of this process alone, so that a busy machine is no failure. Looking at all needs at each event took 5 s.
    const { user } = process.cpuUsage(began);
    assert.ok(user < 3e6, `${String(user / 1e6)} s`);
  });

  it("refuses a graph that is none", () => {
    const [first] = stacks;
    assert.ok(first !== undefined);
    for (const { why, wrong, says } of [
      { why: "twice", wrong: [first, first], says: /stands twice/ },
      { why: "before what it needs", wrong: [...stacks].reverse(), says: /stands before/ },
    ])
      assert.throws(() => begin([], { stacks: wrong }), says, why);
  });

  describe("that was kept", () => {
    const kept = after(begin([proofs, another]), ...up("euw1"));
    const text = formatRollout(kept);
    const changed = (change: object): string => JSON.stringify({ ...JSON.parse(text), ...change });

    it("is read as it was", () => assert.deepEqual(parseRollout(text), { ok: true, value: kept }));

    for (const { why, wrong, says } of [
      { why: "no JSON", wrong: text.slice(1), says: /no JSON/ },
      {
        why: "a later version's",
        wrong: changed({ format: "trunkline.rollout/2" }),
        says: /trunkline\.rollout\/2, and this version reads trunkline\.rollout\/1/,
      },
      { why: "with a key that is not known", wrong: changed({ colour: "red" }), says: /unrecognized_keys/ },
      {
        why: "with a gate that is not known",
        wrong: text.replaceAll('"proofs"', '"oracle"'),
        says: /invalid_union/,
      },
      {
        why: "with a step in no wave",
        wrong: changed({ waves: kept.waves.slice(1) }),
        says: /not every step stands in one wave/,
      },
      {
        why: "with steps out of order",
        wrong: changed({ steps: kept.steps.map((step) => ({ ...step, needs: ["later"] })) }),
        says: /stands before later/,
      },
      { why: "of nothing", wrong: "null", says: /damaged/ },
    ])
      it(`is refused: ${why}`, () => {
        const read = parseRollout(wrong);
        assert.ok(!read.ok);
        assert.match(read.because, says);
        assert.match(read.remedy, /\.$/);
      });
  });
});
