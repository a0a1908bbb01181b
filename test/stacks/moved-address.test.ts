import assert from "node:assert/strict";
import { factsFor } from "../../components/backbone/facts.plan";
import { changedStacks } from "../../stacks/graph";
import { regionHandover, trustHandover } from "../../stacks/handover";
import { named, only } from "../components/recorder";
import { samplePlan, withAgent, withMovedAddress } from "../components/sample-plan";
import { type FleetRun, upFleet } from "./up";

const sample = samplePlan(["euw1", "use1"]);
const plan = withMovedAddress(sample, "use1");

describe("a region whose pair shares an address", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-use1");
  const handover = (name: string) => regionHandover.parse(fleet.handovers[`acme.region-${name}`]);

  it("makes one address more, which no resource associates: the gateways say where it is", () => {
    const moved = named(region(), "acme-use1-pair-moved-address");
    assert.equal(moved.type, "aws:ec2/eip:Eip");
    assert.ok(moved.protect);
    assert.deepEqual(
      only(region(), "aws:ec2/eipAssociation:EipAssociation").map(({ inputs }) => inputs["allocationId"]),
      ["eipalloc-acme-use1-pair-a-address", "eipalloc-acme-use1-pair-b-address"],
    );
  });

  it("gives each interface a second address, and lets the interface go before the address", () => {
    for (const letter of ["a", "b"]) {
      const card = named(region(), `acme-use1-pair-${letter}-card`);
      assert.equal(card.inputs["privateIpsCount"], 1);
      assert.ok(card.dependsOn.includes("acme-use1-pair-moved-address"));
    }
    const elsewhere = named(fleet.stack("acme.region-euw1"), "acme-euw1-pair-a-card");
    assert.equal(elsewhere.inputs["privateIpsCount"], undefined);
  });

  it("gives the role the right to move this address between these interfaces", () => {
    const policy = String(named(region(), "acme-use1-pair-movers-policy").inputs["policy"]);
    const here = "arn:aws:ec2:us-east-1:123456789012";
    assert.ok(
      policy.includes(
        `"Action":"ec2:AssociateAddress","Resource":["${here}:elastic-ip/eipalloc-acme-use1-pair-moved-address","${here}:network-interface/acme-use1-pair-a-card-id","${here}:network-interface/acme-use1-pair-b-card-id"]`,
      ),
      policy,
    );
  });

  it("hands on the address, and which private address of whom it goes to", () => {
    const { shared } = handover("use1");
    assert.equal(shared?.allocationId, "eipalloc-acme-use1-pair-moved-address");
    assert.deepEqual(Object.keys(shared.privateAddresses), ["use1-a", "use1-b"]);
    const own = handover("use1").gateways.flatMap((each) => [each.publicAddress, each.privateAddress]);
    for (const address of [shared.publicAddress, ...Object.values(shared.privateAddresses)])
      assert.ok(!own.includes(address));
    assert.equal(handover("euw1").shared, undefined);
  });

  it("asks each gateway for a certificate with the pair's name beside its own; elsewhere nothing changes", () => {
    const asked = (id: string) => named(fleet.stack("acme.trust"), `acme-${id}-identity-csr`);
    const environment = asked("use1-a").inputs["environment"];
    assert.match(
      JSON.stringify(environment),
      /"TRUNKLINE_IDENTITY":"use1-a\.acme\.trunkline\.internal,use1\.acme\.trunkline\.internal"/,
    );
    assert.deepEqual(asked("euw1-a").replacementTrigger, [
      "acme-euw1-pair-a-id",
      1,
      "euw1-a.acme.trunkline.internal",
    ]);
    assert.ok(changedStacks(withAgent(sample, "use1"), plan).some(({ name }) => name === "acme.trust"));
  });

  it("peers admit the address that moves, and no other of the pair", () => {
    const rules = fleet.stack("acme.fabric-euw1").filter(({ name }) => name.startsWith("acme-euw1-peers-"));
    const admitted = new Set(
      rules.map(({ inputs }) => inputs["cidrIpv4"]).filter((cidr) => cidr !== undefined),
    );
    assert.deepEqual([...admitted], [`${handover("use1").shared?.publicAddress ?? ""}/32`]);
  });

  it("gateways elsewhere know the pair by its address, and a region that has not handed it on is named", () => {
    const trust = trustHandover.parse(fleet.handovers["acme.trust"]);
    const facts = factsFor(plan, "euw1-a", [handover("euw1"), handover("use1")], trust);
    assert.equal(facts.peers["use1"], handover("use1").shared?.publicAddress);
    assert.equal(facts.peers["use1-a"], undefined);
    const { shared, ...before } = handover("use1");
    assert.ok(shared !== undefined);
    for (const gateway of ["euw1-a", "use1-a"])
      assert.throws(
        () => factsFor(plan, gateway, [handover("euw1"), before], trust),
        /region use1 names no address that its pair shares\. Bring that stack up/,
      );
  });
});
