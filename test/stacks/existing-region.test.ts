import assert from "node:assert/strict";
import type { Plan } from "../../fleet/plan";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { named, only, type Recorded, run } from "../components/recorder";
import { planOf } from "../engine/fleets";

const stack = "acme.region-use1";

/** A region in the network of the documentation's examples. */
function planIn(routeTables = "rtb-0123456789abcdef0, rtb-11111111"): Plan {
  return planOf(`
fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1:
    cloud: aws
    region: us-east-1
    cidr: 10.10.0.0/16
    network:
      id: vpc-0123456789abcdef0
      subnets:
        a: { id: subnet-0123456789abcdef0, cidr: 10.10.0.0/28 }
        b: { id: subnet-0fedcba9876543210, cidr: 10.10.0.16/28 }
      routeTables: [${routeTables}]
`);
}

describe("stacks/region in an existing network", () => {
  let resources: readonly Recorded[];
  let calls: readonly { readonly token: string; readonly provider: string }[];
  let handover: unknown;
  before(async () => {
    const done = await run(stackProgram(planIn(), stack));
    resources = done.resources;
    calls = done.calls;
    handover = done.result.handover;
  });

  it("makes nothing of a network, and takes nothing of the user's into its state", () => {
    const made = resources
      .filter(({ type }) => type.startsWith("aws:"))
      .map(({ type }) => type.split(":")[2]);
    assert.deepEqual([...new Set(made)].sort(), [
      "Eip",
      "EipAssociation",
      "Instance",
      "NetworkInterface",
      "RouteServer",
      "RouteServerEndpoint",
      "RouteServerPeer",
      "RouteServerPropagation",
      "RouteServerVpcAssociation",
      "SecurityGroup",
      "SecurityGroupEgressRule",
      "SecurityGroupIngressRule",
    ]);
  });

  it("hands on what a new network's region hands on", () => {
    const { networkId, gateways } = regionHandover.parse(handover);
    assert.equal(networkId, "vpc-0123456789abcdef0");
    assert.deepEqual(
      gateways.map(({ routerAddress }) => routerAddress),
      ["10.10.0.1", "10.10.0.17"],
    );
  });

  it("puts each gateway and endpoint into the subnet of its letter, and the group into the VPC", () => {
    const places = [..."ab"].flatMap((letter) =>
      [`${letter}-card`, `endpoint-${letter}`].map(
        (end) => named(resources, `acme-use1-pair-${end}`).inputs["subnetId"],
      ),
    );
    assert.deepEqual(places, [
      "subnet-0123456789abcdef0",
      "subnet-0123456789abcdef0",
      "subnet-0fedcba9876543210",
      "subnet-0fedcba9876543210",
    ]);
    assert.equal(named(resources, "acme-use1-network-gateways").inputs["vpcId"], "vpc-0123456789abcdef0");
  });

  it("propagates into every table, each named by its id, so that one more renames none", async () => {
    const tables = (made: readonly Recorded[]) =>
      only(made, "aws:vpc/routeServerPropagation:RouteServerPropagation").map(({ name, inputs }) => [
        name,
        inputs["routeTableId"],
      ]);
    const both = ["rtb-0123456789abcdef0", "rtb-11111111"].map((id) => [`acme-use1-pair-routes-${id}`, id]);
    assert.deepEqual(tables(resources), both);
    const fewer = await run(stackProgram(planIn("rtb-11111111"), stack));
    assert.deepEqual(tables(fewer.resources), both.slice(1));
  });

  it("asks the region's own provider", () => {
    assert.ok(calls.some(({ token }) => token === "aws:ec2/getVpc:getVpc"));
    for (const { token, provider } of calls) assert.equal(provider, "acme-use1-cloud", token);
  });
});
