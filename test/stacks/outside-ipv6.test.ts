import assert from "node:assert/strict";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { named, only, type Recorded, run } from "../components/recorder";
import { samplePlan, withOutsideIpv6 } from "../components/sample-plan";
import { type FleetRun, upFleet } from "./up";

const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const sample = samplePlan(["apse2", "euw1", "use1"]);
const plan = withOutsideIpv6(sample, ["euw1", "use1"]);

describe("regions that speak to each other over IPv6, in stacks", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-use1");
  const addresses = (name: string) =>
    regionHandover.parse(fleet.handovers[`acme.region-${name}`]).gateways.map(({ ipv6 }) => ipv6?.address);

  it("the network gets a block of Amazon's, and the gateways' subnets alone have a /64 of it", () => {
    const network = named(region(), "acme-use1-network-vpc");
    assert.equal(network.inputs["assignGeneratedIpv6CidrBlock"], true);
    assert.deepEqual(only(region(), "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation"), []);
    assert.deepEqual(
      only(region(), "aws:ec2/subnet:Subnet").map(({ name, inputs }) => [name, inputs["ipv6CidrBlock"]]),
      [
        ["acme-use1-network-gateway-a", "2001:db8:12:3400::/64"],
        ["acme-use1-network-gateway-b", "2001:db8:12:3401::/64"],
        ["acme-use1-network-workload-a", undefined],
        ["acme-use1-network-workload-b", undefined],
      ],
    );
  });

  it("the gateways' subnets are routed to the internet in it, and nothing else", () => {
    const routes = only(region(), "aws:ec2/route:Route").filter(
      ({ inputs }) => inputs["destinationIpv6CidrBlock"] !== undefined,
    );
    assert.deepEqual(
      routes.map(({ inputs }) => [
        inputs["routeTableId"],
        inputs["destinationIpv6CidrBlock"],
        inputs["gatewayId"],
      ]),
      [["acme-use1-network-public-id", "::/0", "acme-use1-network-internet-id"]],
    );
  });

  it("a gateway sends IKE and ESP in UDP over IPv6, and takes them of exactly its IPv6 peers", () => {
    const rules = (resources: readonly Recorded[], type: string) =>
      only(resources, type)
        .filter(({ inputs }) => inputs["cidrIpv6"] !== undefined)
        .map(({ inputs }) => ["cidrIpv6", "ipProtocol", "fromPort", "toPort"].map((key) => inputs[key]));
    assert.deepEqual(rules(region(), egress), [
      ["::/0", "udp", 500, 500],
      ["::/0", "udp", 4500, 4500],
    ]);
    assert.deepEqual(rules(region(), ingress), []);
    assert.deepEqual(
      rules(fleet.stack("acme.fabric-use1"), ingress),
      addresses("euw1").flatMap((address) => [
        [`${String(address)}/128`, "udp", 500, 500],
        [`${String(address)}/128`, "udp", 4500, 4500],
      ]),
    );
    const ipv4 = only(fleet.stack("acme.fabric-use1"), ingress).filter(
      ({ inputs }) => inputs["cidrIpv4"] !== undefined,
    );
    assert.ok(ipv4.length === 4 && ipv4.every(({ name }) => name.includes("apse2")), JSON.stringify(ipv4));
    assert.deepEqual(rules(fleet.stack("acme.fabric-apse2"), ingress), []);
  });

  it("each gateway's address is handed on with its subnet and router, and its network interface has it", () => {
    const { gateways } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    for (const { ipv6 } of gateways)
      assert.deepEqual([ipv6?.prefix, ipv6?.router], [64, "fd8a:1b2c:3d00:1::1"]);
    for (const { inputs } of only(region(), "aws:ec2/networkInterface:NetworkInterface"))
      assert.equal(inputs["ipv6AddressCount"], 1);
    assert.equal(new Set([...addresses("use1"), ...addresses("euw1")]).size, 4);
    assert.deepEqual(addresses("apse2"), [undefined, undefined]);
  });

  it("changes nothing in the stacks of a region that does not", async () => {
    const before = await upFleet(sample);
    for (const stack of ["acme.region-apse2", "acme.trust"])
      assert.deepEqual(
        fleet.stack(stack).map(({ name }) => name),
        before.stack(stack).map(({ name }) => name),
      );
    assert.deepEqual(fleet.stack("acme.fabric-apse2"), before.stack("acme.fabric-apse2"));
  });

  it("what Amazon gave stays when a region speaks over IPv4 again: it could not be taken from what uses it", async () => {
    const { resources } = await run(stackProgram(sample, "acme.region-use1"));
    const kept = (made: readonly Recorded[]) =>
      made
        .filter(({ ignoreChanges }) => ignoreChanges.length > 0)
        .map(({ name, ignoreChanges }) => [name, ...ignoreChanges]);
    assert.deepEqual(kept(resources), [
      ["acme-use1-network-gateway-a", "ipv6CidrBlock"],
      ["acme-use1-network-gateway-b", "ipv6CidrBlock"],
      ["acme-use1-network-vpc", "assignGeneratedIpv6CidrBlock"],
    ]);
    assert.deepEqual(kept(region()), []);
  });
});
