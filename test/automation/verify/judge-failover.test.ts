import assert from "node:assert/strict";
import { type Failover, failoverMarks, judgeFailover } from "../../../automation/verify/judge-failover";
import { losses, parseLosses, plannedLosses, waysPast } from "../../../automation/verify/failover.plan";
import type { Flow, Gap } from "../../../automation/verify/flow";
import { Failure } from "../../../automation/failure";
import { fleetPlan } from "../../engine/fleets";
import { samplePlan } from "../../components/sample-plan";

const marks = failoverMarks(0.9, 0.9);

function flowWith(from: string, to: string, gaps: readonly Gap[], sent = 1000): Flow {
  return { from, to, sent, lost: gaps.reduce((sum, gap) => sum + gap.lost, 0), gaps };
}

function failoverWith(change: Partial<Failover>): Failover {
  return {
    loss: "power",
    gateway: "use1-a",
    region: "use1",
    before: { "use1-a": { in: 60, out: 100, handed: 0 }, "use1-b": { in: 40, out: 0, taken: 0 } },
    lostAt: 100,
    returnedAt: 110,
    late: [
      { from: 90, to: 99.5 },
      { from: 100.9, to: 100.94 },
      { from: 112, to: 112.2 },
    ],
    flows: [flowWith("euw1", "use1", [])],
    ...change,
  };
}

const statusesOf = (failover: Failover): string[] =>
  judgeFailover(failover, marks).map(({ status }) => status);

describe("the loss of a gateway, counted", () => {
  it("holds while silences are short, tells loss and return apart, and who carried what", () => {
    const gaps = [
      { from: 100, to: 101, lost: 99 },
      { from: 112, to: 112.25, lost: 24 },
    ];
    const [proof] = judgeFailover(failoverWith({ flows: [flowWith("euw1", "use1", gaps)] }), marks);
    assert.equal(proof?.status, "pass");
    assert.equal(proof.id, "failover/use1-a/power:euw1>use1");
    assert.equal(
      proof.observed,
      "123 of 1000 packets lost, longest silence 1.00 s at the loss, 0.25 s at the return; carried before: use1-a 60, use1-b 40",
    );
  });

  for (const { why, from, to, gap, status } of [
    { why: "tunnel to tunnel within 1.2 s", from: "euw1", to: "use1", gap: [100, 101.1], status: "pass" },
    { why: "tunnel to tunnel after more", from: "euw1", to: "use1", gap: [100, 101.3], status: "fail" },
    {
      why: "the network's way out within 1.9 s",
      from: "use1",
      to: "euw1",
      gap: [100, 101.8],
      status: "pass",
    },
    { why: "the network's way out after more", from: "use1", to: "euw1", gap: [100, 102], status: "fail" },
    {
      why: "between others, through the region",
      from: "euw1",
      to: "apne1",
      gap: [100, 101.3],
      status: "fail",
    },
    { why: "the return within 2 s", from: "euw1", to: "use1", gap: [111, 112.9], status: "pass" },
    { why: "the return after more", from: "euw1", to: "use1", gap: [111, 113.1], status: "fail" },
    { why: "no packet of a port at the end", from: "euw1", to: "use1", gap: [0, Infinity], status: "fail" },
  ] as const)
    it(`${why}: ${status}`, () => {
      const gaps = [{ from: gap[0], to: gap[1], lost: 100 }];
      assert.deepEqual(statusesOf(failoverWith({ flows: [flowWith(from, to, gaps)] })), [status]);
    });

  it("a figure above its mark is named, and how late timers ran stands beside it", () => {
    const flows = [flowWith("euw1", "use1", [{ from: 100, to: 101.3, lost: 20 }])];
    const [proof] = judgeFailover(failoverWith({ flows }), marks);
    assert.match(proof?.observed ?? "", /1\.30 s \(above 1\.2 s\) at the loss, 0\.00 s at the return/);
    assert.match(
      proof?.evidence ?? "",
      /timers ran up to 0\.04 s late at the loss, 0\.20 s from the return on/,
    );
  });

  it("fails without any packet", () => {
    assert.deepEqual(statusesOf(failoverWith({ flows: [flowWith("euw1", "use1", [], 0)] })), ["fail"]);
  });

  for (const { why, own, status } of [
    { why: "nothing in either direction", own: { in: 0, out: 0, handed: 0, taken: 0 }, status: "fail" },
    { why: "nothing that it counts", own: {}, status: "fail" },
    { why: "something one way", own: { in: 10, out: 0, handed: 0, taken: 0 }, status: "pass" },
    { why: "what its partner hands it", own: { in: 0, out: 0, handed: 0, taken: 9 }, status: "pass" },
  ])
    it(`a lost gateway that had carried ${why}: ${status}`, () => {
      const before = { "use1-a": own, "use1-b": { in: 100, out: 100 } };
      const flows = [flowWith("euw1", "use1", []), flowWith("use1", "euw1", [])];
      const judgements = judgeFailover(failoverWith({ before, flows }), marks);
      assert.deepEqual(
        judgements.map((judgement) => judgement.status),
        [status, status],
      );
      for (const { observed } of judgements)
        assert.equal(/use1-a had carried nothing/.test(observed), status === "fail");
    });

  it("a gateway that does not come back fails a proof of its own", () => {
    assert.deepEqual(statusesOf(failoverWith({ back: "never" })), ["pass", "fail"]);
    const [, back] = judgeFailover(failoverWith({ back: { seconds: 12.34 } }), marks);
    assert.deepEqual(
      [back?.id, back?.status, back?.observed],
      ["failover/use1-a/power:back", "pass", "after 12.3 s"],
    );
  });
});

describe("what is to be lost", () => {
  it("is read from words", () => {
    assert.deepEqual(parseLosses("power, charon"), ["power", "charon"]);
    assert.deepEqual(parseLosses(losses.join(",")), [...losses]);
  });

  for (const { words, says } of [
    { words: "fire", says: '--failover: "fire" is no kind of loss.' },
    { words: "power,", says: '--failover: "" is no kind of loss.' },
    { words: "", says: '--failover: "" is no kind of loss.' },
    { words: "Power", says: '--failover: "Power" is no kind of loss.' },
    { words: "power,bgpd,power", says: '--failover: "power" stands twice.' },
  ])
    it(`"${words}" is refused: ${says}`, () => {
      assert.throws(
        () => parseLosses(words),
        (error) =>
          error instanceof Failure &&
          error.kind === "badInput" &&
          error.message === says &&
          error.remedy === "Kinds of loss: power, charon, bgpd, cable.",
      );
    });

  it("is each kind at each gateway, or at one", () => {
    const plan = samplePlan(["use1", "euw1"]);
    assert.deepEqual(
      plannedLosses(plan, ["power", "bgpd"]).map(({ gateway, loss }) => `${gateway} ${loss}`),
      ["euw1-a", "euw1-b", "use1-a", "use1-b"].flatMap((id) => [`${id} power`, `${id} bgpd`]),
    );
    assert.deepEqual(plannedLosses(plan, ["cable"], "use1-b"), [{ gateway: "use1-b", loss: "cable" }]);
    assert.throws(() => plannedLosses(plan, ["cable"], "use1-c"), /The fleet has no gateway use1-c/);
  });

  it("is not tried where nobody could take over, or nobody talks", () => {
    const plan = samplePlan(["use1", "euw1"]);
    const single = {
      ...plan,
      regions: plan.regions.map((region) => ({ ...region, gateways: region.gateways.slice(0, 1) })),
    };
    for (const { untestable } of plannedLosses(single, ["power"]))
      assert.match(untestable ?? "", /is the only gateway of its region/);
    for (const { untestable } of plannedLosses({ ...plan, routes: [] }, ["power"]))
      assert.match(untestable ?? "", /talks with no other region/);
    const standby = {
      ...plan,
      regions: plan.regions.map((region) => ({ ...region, ha: "active-standby" as const })),
    };
    const [first, second] = plannedLosses(standby, ["power"]);
    assert.equal(first?.untestable, undefined);
    assert.match(second?.untestable ?? "", /^\S+-b stands by/);
  });

  it("is not tried at a gateway with tunnels to a managed one, and there is none at that", () => {
    const plan = fleetPlan(["use1", "euw1", "apse2"], { euw1: "gateway: managed" });
    const losses = plannedLosses(plan, ["power"]);
    assert.deepEqual(
      losses.map(({ gateway }) => gateway),
      ["apse2-a", "apse2-b", "use1-a", "use1-b"],
    );
    for (const { untestable } of losses) assert.match(untestable ?? "", /tunnels to a managed gateway/);
  });

  it("is in the way of a hub's spokes, too", () => {
    const plan = samplePlan(["use1", "euw1", "apne1"]);
    const routes = [
      { from: "use1", to: "apne1", via: ["use1", "euw1", "apne1"] },
      { from: "use1", to: "euw1", via: ["use1", "euw1"] },
    ];
    assert.deepEqual(waysPast({ ...plan, routes }, "euw1").length, 2);
    assert.deepEqual(waysPast({ ...plan, routes }, "apne1"), [{ from: "use1", to: "apne1" }]);
  });
});
