import assert from "node:assert/strict";
import type { PlannedTransitPeer } from "../../fleet/plan";
import { changedStacks } from "../../stacks/graph";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { named, only, run } from "../components/recorder";
import { samplePlan, withTransitGateway } from "../components/sample-plan";
import { planOf } from "../engine/fleets";
import { type FleetRun, upFleet } from "./up";

const plan = withTransitGateway(samplePlan(["euw1", "use1"]), "use1");
const service = plan.regions.find(({ name }) => name === "use1")?.routeService;

describe("a region that a transit gateway follows", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-use1");
  const fabric = () => fleet.stack("acme.fabric-use1");
  const transit = (type: string) =>
    only(region(), `aws:ec2transitgateway/${type}:${type[0]?.toUpperCase()}${type.slice(1)}`);

  it("has no Route Server, and machines without any right in the cloud", () => {
    assert.deepEqual(
      region().filter(({ type }) => /:RouteServer|^aws:iam/.test(type)),
      [],
    );
    for (const letter of ["a", "b"])
      assert.equal(named(region(), `acme-use1-pair-${letter}`).inputs["iamInstanceProfile"], undefined);
  });

  it("has a transit gateway with the plan's ASN and addresses, attached in a subnet of each zone", () => {
    assert.ok(service?.kind === "transit-gateway");
    const [gateway] = transit("transitGateway");
    assert.equal(gateway?.inputs["amazonSideAsn"], service.asn);
    assert.deepEqual(gateway.inputs["transitGatewayCidrBlocks"], [service.cidr]);
    assert.equal(gateway.inputs["autoAcceptSharedAttachments"], "disable");
    const [attachment] = transit("vpcAttachment");
    assert.deepEqual(attachment?.inputs["subnetIds"], [
      "acme-use1-network-gateway-a-id",
      "acme-use1-network-gateway-b-id",
    ]);
    assert.equal(attachment.inputs["vpcId"], "acme-use1-network-vpc-id");
    assert.equal(transit("connect")[0]?.inputs["transportAttachmentId"], "acme-use1-transit-network-id");
  });

  it("has a Connect peer for each gateway, at its private address and inside its own /29", () => {
    assert.ok(service?.kind === "transit-gateway");
    for (const [index, letter] of ["a", "b"].entries()) {
      const { inputs } = named(region(), `acme-use1-transit-${letter}`);
      const planned: PlannedTransitPeer | undefined = service.peers[index];
      assert.deepEqual(
        [inputs["transitGatewayAddress"], inputs["insideCidrBlocks"], inputs["bgpAsn"]],
        [planned?.address, [planned?.insideNetwork], String(plan.regions[1]?.asn)],
      );
      assert.equal(inputs["transitGatewayAttachmentId"], "acme-use1-transit-connect-id");
      assert.match(String(inputs["peerAddress"]), /^10\.1\./);
    }
  });

  it("admits GRE from the transit gateway's ends alone, and leads the gateways' table to them", () => {
    assert.ok(service?.kind === "transit-gateway");
    const rules = only(region(), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(
      ({ inputs }) => inputs["ipProtocol"] === "47",
    );
    assert.deepEqual(
      rules.map(({ inputs }) => inputs["cidrIpv4"]).sort(),
      service.peers.map(({ address }) => `${address}/32`).sort(),
    );
    const route = named(region(), "acme-use1-transit-gateways");
    assert.equal(route.inputs["routeTableId"], "acme-use1-network-public-id");
    assert.equal(route.inputs["destinationCidrBlock"], service.cidr);
    // AWS refuses a route to a transit gateway that the network is not attached to.
    assert.ok(route.dependsOn.includes("acme-use1-transit-network"), route.dependsOn.join());
  });

  it("makes a route to each other region, to the transit gateway, before a release", () => {
    const routes = only(fabric(), "aws:ec2/route:Route");
    assert.deepEqual(
      routes.map(({ inputs, ignoreChanges }) => ({ inputs, ignoreChanges })),
      [
        {
          inputs: {
            routeTableId: "acme-use1-network-private-id",
            destinationCidrBlock: plan.regions[0]?.cidrs[0],
            transitGatewayId: "acme-use1-transit-gateway-id",
          },
          ignoreChanges: [],
        },
      ],
    );
    const release = named(fabric(), "acme-use1-a-release-ensure");
    for (const { name } of routes) assert.ok(release.dependsOn.includes(name), name);
  });

  it("hands on what leads to it", () => {
    const { routeService, agent, transitGateway } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    assert.ok(service?.kind === "transit-gateway");
    assert.deepEqual(routeService, { asn: service.asn, endpoints: [] });
    assert.equal(agent, undefined);
    assert.deepEqual(transitGateway, {
      id: "acme-use1-transit-gateway-id",
      routeTables: { workloads: "acme-use1-network-private-id" },
    });
  });

  it("a region elsewhere has none of it", () => {
    const other = [...fleet.stack("acme.region-euw1"), ...fleet.stack("acme.fabric-euw1")];
    assert.deepEqual(
      other.filter(({ type, name }) => type.includes("transitgateway") || name.includes("-transit")),
      [],
    );
  });

  it("another region brings its routes with the fabric, and leaves the region's stack alone", () => {
    const more = withTransitGateway(samplePlan(["apse2", "euw1", "use1"]), "use1");
    const names = changedStacks(plan, more).map(({ name }) => name);
    assert.ok(names.includes("acme.fabric-use1"));
    assert.ok(!names.includes("acme.region-use1"), names.join());
  });
});

describe("a region that a transit gateway follows, in an existing network", () => {
  const fleet = planOf(`
fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1:
    cloud: aws
    region: us-east-1
    cidr: 10.10.0.0/16
    routes: transit-gateway
    network:
      id: vpc-0123456789abcdef0
      subnets:
        a: { id: subnet-0123456789abcdef0, cidr: 10.10.0.0/28 }
        b: { id: subnet-0fedcba9876543210, cidr: 10.10.0.16/28 }
      routeTables: [rtb-00000000, rtb-0123456789abcdef0, rtb-0fedcba9876543210]
`);

  it("is attached in the gateways' subnets, and every table that was named leads to it", async () => {
    const { resources } = await run(stackProgram(fleet, "acme.region-use1"));
    const [attachment] = only(resources, "aws:ec2transitgateway/vpcAttachment:VpcAttachment");
    assert.deepEqual(attachment?.inputs["subnetIds"], [
      "subnet-0123456789abcdef0",
      "subnet-0fedcba9876543210",
    ]);
    const routes = only(resources, "aws:ec2/route:Route");
    const { routeService } = fleet.regions[0] ?? {};
    assert.ok(routeService?.kind === "transit-gateway");
    assert.deepEqual(
      routes.map(({ inputs }) => [inputs["routeTableId"], inputs["destinationCidrBlock"]]),
      ["rtb-00000000", "rtb-0123456789abcdef0", "rtb-0fedcba9876543210"].map((id) => [id, routeService.cidr]),
    );
  });
});
