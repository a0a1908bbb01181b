import assert from "node:assert/strict";
import { fabricHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { linkedPlan, samplePlan } from "../components/sample-plan";
import { type FleetRun, upFleet } from "./up";

const plan = samplePlan(["euw1", "use1"]);

/** A third region that is linked with `euw1` only. */
const longer = linkedPlan(samplePlan(["apse2", "euw1", "use1"]), (ends) => ends.includes("euw1"));

const rules = (resources: readonly Recorded[]) =>
  only(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");

describe("stacks/fabric", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const resources = () => fleet.stack("acme.fabric-use1");

  it("hands on one release for each gateway", () => {
    const handover = fabricHandover.parse(fleet.handovers["acme.fabric-use1"]);
    assert.deepEqual(
      handover.releases.map(({ gateway }) => gateway),
      ["use1-a", "use1-b"],
    );
    assert.notEqual(handover.releases[0]?.hash, handover.releases[1]?.hash);
  });

  it("admits each peer's address to UDP 500 and 4500, and nothing else", () => {
    assert.deepEqual(
      rules(resources()).map(({ inputs }) => [
        inputs["cidrIpv4"],
        inputs["ipProtocol"],
        inputs["fromPort"],
        inputs["toPort"],
      ]),
      [
        ["198.18.120.196/32", "udp", 500, 500],
        ["198.18.120.196/32", "udp", 4500, 4500],
        ["198.18.116.104/32", "udp", 500, 500],
        ["198.18.116.104/32", "udp", 4500, 4500],
      ],
    );
  });

  it("pushes to the second gateway only after the first is healthy, and to both after the rules", () => {
    const [a, b] = ["a", "b"].map((letter) => named(resources(), `acme-use1-${letter}-release-ensure`));
    assert.ok(a !== undefined && b !== undefined);
    assert.ok(b.dependsOn.includes(a.name));
    assert.ok(!a.dependsOn.includes(b.name));
    for (const { name } of rules(resources())) assert.ok(a.dependsOn.includes(name), name);
  });

  it("runs one text for all gateways: what differs is in the environment and on standard input", () => {
    const commands = fleet.resources.filter(({ name }) => name.endsWith("-ensure"));
    assert.equal(commands.length, 4);
    assert.equal(new Set(commands.map(({ inputs }) => inputs["create"])).size, 1);
    for (const { inputs, secrets } of commands) {
      assert.deepEqual(
        Object.keys(Object(inputs["environment"])).sort(),
        ["ADDRESS", "HOST_KEYS", "PUSH_KEY", "RELEASE", "USER"].map((end) => `TRUNKLINE_${end}`),
      );
      assert.deepEqual(secrets, ["environment.TRUNKLINE_PUSH_KEY"]);
      assert.equal(inputs["update"], undefined);
      assert.equal(inputs["logging"], "none");
      assert.doesNotMatch(JSON.stringify([inputs["create"], inputs["stdin"], inputs["triggers"]]), /PRIVATE/);
    }
  });

  it("pushes anew to a new machine", () => {
    assert.deepEqual(named(resources(), "acme-use1-b-release-ensure").inputs["triggers"], [
      "acme-use1-pair-b-id",
    ]);
  });

  describe("a region that is added next to euw1", () => {
    let more: FleetRun;
    before(async () => {
      more = await upFleet(longer);
    });

    for (const stack of ["acme.region-euw1", "acme.region-use1", "acme.fabric-use1"])
      it(`changes nothing in ${stack}`, () => {
        assert.deepEqual(more.stack(stack), fleet.stack(stack));
      });

    it("changes no certificate that there is", () => {
      for (const resource of fleet.stack("acme.trust"))
        assert.deepEqual(named(more.stack("acme.trust"), resource.name), resource);
    });

    it("adds rules and changes releases in its neighbour's fabric, where every older rule stays", () => {
      const [before, after] = [rules(fleet.stack("acme.fabric-euw1")), rules(more.stack("acme.fabric-euw1"))];
      assert.equal(after.length, before.length + 4);
      for (const rule of before) assert.deepEqual(named(after, rule.name), rule);
    });
  });

  it("of a region without links makes no rule, and still releases", async () => {
    const alone = await upFleet(samplePlan(["use1"]));
    assert.deepEqual(rules(alone.stack("acme.fabric-use1")), []);
    assert.equal(only(alone.stack("acme.fabric-use1"), "command:local:Command").length, 2);
  });
});
