import assert from "node:assert/strict";
import { countsNow, regionsOfProofs } from "../../../automation/gates/settled.plan";
import type { Plan } from "../../../fleet/plan";
import { samplePlan } from "../../components/sample-plan";
import { planOf } from "../../engine/fleets";

const mesh = samplePlan(["apse2", "euw1", "use1"]);
const proof = (id: string) => {
  const [kind = "", ...subject] = id.split("/");
  return { id, kind, subject: subject.join("/") } as Parameters<ReturnType<typeof countsNow>>[0];
};
const regionsOf = (plan: Plan, id: string) => regionsOfProofs(plan)(proof(id)).join(" ");

describe("the regions that a proof rests on", () => {
  for (const { id, regions } of [
    { id: "sa/euw1-a~use1-b", regions: "euw1 use1" },
    { id: "bgp/euw1-a~use1-b", regions: "euw1 use1" },
    { id: "sa/euw1-a~euw1-b", regions: "euw1" },
    { id: "bgp/euw1-a~route-service", regions: "euw1" },
    { id: "reachability/euw1>use1", regions: "euw1 use1" },
    { id: "path-mtu/euw1>use1 over IPv6", regions: "euw1 use1" },
    // What is told comes from every region that there is a way to.
    { id: "prefixes/euw1-a~use1-b", regions: "apse2 euw1 use1" },
    { id: "prefixes/euw1-a~euw1-b", regions: "apse2 euw1 use1" },
    { id: "prefixes/euw1-a~route-service", regions: "apse2 euw1 use1" },
    { id: "prefixes/euw1~route-tables", regions: "apse2 euw1 use1" },
    { id: "certificate/euw1-a", regions: "apse2 euw1 use1" },
    { id: "sa/euw1~address", regions: "apse2 euw1 use1" },
    { id: "cleartext/internet", regions: "apse2 euw1 use1" },
    { id: "sa/of-nothing-here", regions: "apse2 euw1 use1" },
  ])
    it(`${id}: ${regions}`, () => assert.equal(regionsOf(mesh, id), regions));

  it("are with a hub between them the hub as well, and the spokes that it tells of", () => {
    const spokes = planOf(`fleet: acme
regions:
  apse2: { cloud: aws, region: ap-southeast-2, cidr: 10.30.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
topology: hub-and-spoke
hubs: [use1]
management: { allowFrom: [203.0.113.0/24] }
`);
    assert.equal(regionsOf(spokes, "reachability/apse2>euw1"), "apse2 euw1 use1");
    assert.equal(regionsOf(spokes, "reachability/apse2>use1"), "apse2 use1");
    assert.equal(regionsOf(spokes, "prefixes/apse2-a~use1-a"), "apse2 euw1 use1");
    assert.equal(regionsOf(spokes, "certificate/apse2-a"), "apse2 use1");
  });
});

describe("the proofs that a gate asks for", () => {
  const counts = (
    id: string,
    settlement: { unsettled: readonly string[]; disturbed?: readonly string[]; held?: readonly string[] },
  ) =>
    countsNow(mesh, {
      unsettled: settlement.unsettled,
      disturbed: settlement.disturbed ?? [],
      heldBefore: new Set(settlement.held),
    })(proof(id));

  it("are all where all regions are settled", () => {
    for (const id of ["sa/euw1-a~use1-b", "cleartext/internet", "prefixes/euw1-a~use1-b"])
      assert.ok(counts(id, { unsettled: [] }), id);
  });

  it("are those about settled regions alone, before anything else is up", () => {
    const unsettled = ["apse2", "use1"];
    assert.ok(counts("sa/euw1-a~euw1-b", { unsettled }));
    assert.ok(counts("bgp/euw1-a~route-service", { unsettled }));
    for (const id of [
      ...["sa/euw1-a~use1-b", "reachability/euw1>use1", "certificate/euw1-a", "cleartext/internet"],
      // The partners tell each other what others have yet to tell them.
      "prefixes/euw1-a~euw1-b",
    ])
      assert.ok(!counts(id, { unsettled }), id);
  });

  it("are with an unsettled region those that held before, until the run has changed something there", () => {
    const id = "reachability/euw1>use1";
    const unsettled = ["apse2", "use1"];
    assert.ok(counts(id, { unsettled, held: [id] }));
    assert.ok(!counts(id, { unsettled, held: ["reachability/use1>euw1"] }));
    assert.ok(!counts(id, { unsettled, held: [id], disturbed: ["use1"] }));
    assert.ok(counts(id, { unsettled, held: [id], disturbed: ["apse2"] }));
  });
});
