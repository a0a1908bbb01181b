import assert from "node:assert/strict";
import * as ec2 from "@pulumi/aws/ec2";
import { Provider } from "@pulumi/aws/provider";
import * as vpc from "@pulumi/aws/vpc";
import type { Plan } from "../../fleet/plan";
import { stackGraph } from "../../stacks/graph";
import { Failure } from "./compiled";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";
import { type Ids, type Objects, runFleet, userNetwork, worldText } from "./user-network";

/** What a platform team may have had for years: its own program, in its own state. */
function shop() {
  const provider = { provider: new Provider("cloud", { region: "us-east-1" }) };
  const network = new ec2.Vpc("shop", { cidrBlock: "10.10.0.0/16" }, provider);
  const vpcId = network.id;
  const internet = new ec2.InternetGateway("internet", { vpcId }, provider);
  const edge = new ec2.RouteTable("edge", { vpcId }, provider);
  const out = new ec2.Route(
    "edge-default",
    { routeTableId: edge.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
    provider,
  );
  const subnet = (name: string, cidrBlock: string, zone: string, table: ec2.RouteTable) => {
    const availabilityZone = `us-east-1${zone}`;
    const made = new ec2.Subnet(name, { vpcId, cidrBlock, availabilityZone }, provider);
    new ec2.RouteTableAssociation(name, { subnetId: made.id, routeTableId: table.id }, provider);
    return made.id;
  };
  const apps = new ec2.RouteTable("apps", { vpcId }, provider);
  const data = new ec2.RouteTable("data", { vpcId }, provider);
  const appsSubnet = subnet("apps-a", "10.10.64.0/24", "a", apps);
  subnet("data-b", "10.10.65.0/24", "b", data);
  const group = new ec2.SecurityGroup("apps", { vpcId, name: "apps" }, provider);
  new vpc.SecurityGroupIngressRule(
    "partners",
    { securityGroupId: group.id, ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8", fromPort: 443, toPort: 443 },
    provider,
  );
  const other = new ec2.Vpc("other", { cidrBlock: "10.60.0.0/16" }, provider);
  const appliance = new ec2.NetworkInterface(
    "appliance",
    { subnetId: appsSubnet, securityGroups: [group.id], sourceDestCheck: false },
    provider,
  );
  for (const [table, made] of Object.entries({ apps, data }))
    new ec2.Route(
      `${table}-partner`,
      { routeTableId: made.id, destinationCidrBlock: "192.0.2.0/24", networkInterfaceId: appliance.id },
      provider,
    );
  return Promise.resolve({
    network: vpcId,
    a: subnet("edge-a", "10.10.0.0/24", "a", edge),
    b: subnet("edge-b", "10.10.1.0/24", "b", edge),
    alone: new ec2.Subnet(
      "alone",
      { vpcId, cidrBlock: "10.10.2.0/24", availabilityZone: "us-east-1b" },
      provider,
    ).id,
    otherSubnet: new ec2.Subnet(
      "other",
      { vpcId: other.id, cidrBlock: "10.60.0.0/24", availabilityZone: "us-east-1a" },
      provider,
    ).id,
    otherTable: new ec2.RouteTable("other", { vpcId: other.id }, provider).id,
    apps: apps.id,
    data: data.id,
    workload: appliance.id,
    ready: out.id,
  });
}

/** One with a network of ours, and no larger than it must be. */
const neighbour = "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateways: 1 }\n";

/** The region in the user's network. */
function aloneIn(ids: Ids): string {
  return `
fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1:
    cloud: aws
    region: us-east-1
    cidr: 10.10.0.0/16
    network:
      id: ${ids["network"] ?? ""}
      subnets:
        a: { id: ${ids["a"] ?? ""}, cidr: 10.10.0.0/24 }
        b: { id: ${ids["b"] ?? ""}, cidr: 10.10.1.0/24 }
      routeTables: [${ids["apps"] ?? ""}, ${ids["data"] ?? ""}]
`;
}

const planWith = (ids: Ids): Plan => planOf(aloneIn(ids) + neighbour);

describe("a region in a network that is there already, on the real engine", function () {
  this.timeout(600_000);
  let engine: Engine;
  let ids: Ids;
  let before_: Objects;

  const world = async () => (await engine.lab.world()).objects;
  const run = (plan: Plan, operation: "up" | "destroy") => runFleet(engine, plan, operation);

  /** One of the user's tables is no longer named, and one is. */
  const fewer = () => planOf(aloneIn(ids).replace(`, ${ids["data"] ?? ""}]`, "]") + neighbour);

  before(async () => {
    engine = await startEngine();
    ({ ids, objects: before_ } = await userNetwork(engine, shop, "use1-workload"));
  });
  after(() => engine.close());

  for (const { what, change, says } of [
    {
      what: "a VPC that is not there",
      change: (text: string) => text.replace(/vpc-[0-9a-f]{17}/, "vpc-0123456789abcdef0"),
      says: [/vpc-0123456789abcdef0 cannot be looked at: .*no matching EC2 VPC found/],
    },
    {
      what: "a network that is not the subnet's",
      change: (text: string) => text.replace("10.10.0.0/24", "10.10.0.0/25"),
      says: [/subnet-[0-9a-f]+ has the network 10\.10\.0\.0\/24, not 10\.10\.0\.0\/25/],
    },
    {
      what: "a subnet with the main route table, which leads nowhere",
      change: (text: string) =>
        text.replace(`${ids["b"] ?? ""}, cidr: 10.10.1.0/24`, `${ids["alone"] ?? ""}, cidr: 10.10.2.0/24`),
      says: [/is not routed to the internet/],
    },
    {
      what: "a network outside of the VPC, a subnet and a table of another VPC, and one zone for all",
      change: (text: string) =>
        text
          .replace("cidr: 10.10.0.0/16", "cidrs: [10.10.0.0/16, 10.60.0.0/16]")
          .replace(
            `b: { id: ${ids["b"] ?? ""}, cidr: 10.10.1.0/24 }`,
            `b: { id: ${ids["otherSubnet"] ?? ""}, cidr: 10.60.0.0/24 }`,
          )
          .replace(ids["data"] ?? "", ids["otherTable"] ?? ""),
      says: [
        /10\.60\.0\.0\/16 lies outside of vpc-[0-9a-f]+, which has 10\.10\.0\.0\/16/,
        /subnet-[0-9a-f]+ belongs to vpc-[0-9a-f]+, not to vpc-[0-9a-f]+/,
        /rtb-[0-9a-f]+ belongs to vpc-[0-9a-f]+, not to vpc-[0-9a-f]+/,
        /All gateways' subnets lie in us-east-1a/,
      ],
    },
  ])
    it(`${what}: said in a sentence, before anything is made`, async () => {
      await assert.rejects(run(planOf(change(aloneIn(ids))), "up"), (error: unknown) => {
        assert.ok(error instanceof Failure);
        for (const words of says) assert.match(error.message, words);
        return true;
      });
      assert.deepEqual(
        Object.values(await world()).filter(({ id }) => !(id in before_)),
        [],
      );
    });

  it("comes up beside a region with a network of ours", async () => {
    await run(planWith(ids), "up");
    const objects = Object.values(await world());
    const machines = objects.filter(({ kind }) => kind === "machine");
    assert.equal(machines.length, 3);
    const cards = objects.filter(
      (object) => object.kind === "interface" && [ids["a"], ids["b"]].includes(object.subnet),
    );
    assert.equal(cards.length, 2);
  });

  it("touches nothing of the user's but to propagate: every route of theirs is there", async () => {
    const now = await world();
    const tables = [ids["apps"], ids["data"]];
    for (const [id, object] of Object.entries(before_)) {
      const after = now[id];
      if (!tables.includes(id)) {
        assert.equal(JSON.stringify(after), JSON.stringify(object), id);
        continue;
      }
      assert(after?.kind === "routeTable" && object.kind === "routeTable");
      assert.deepEqual(after, { ...object, propagatedFrom: after.propagatedFrom });
      assert.equal(after.propagatedFrom.length, 1);
      assert.equal(after.routes.length, 1);
    }
  });

  it("has nothing to do the second time, and holds nothing of the user's in its state", async () => {
    const events = await run(planWith(ids), "up");
    const finished = events.flatMap((event) => (event.kind === "stack-finished" ? [event] : []));
    assert.equal(finished.length, stackGraph(planWith(ids)).length);
    for (const { changes, stack } of finished) assert.deepEqual(Object.keys(changes), ["same"], stack);

    const kinds = /aws:ec2\/(vpc|subnet|routeTable|internetGateway|route):/;
    const resources = events.filter(
      (event) => event.kind === "resource" && event.stack === "acme.region-use1",
    );
    assert.notEqual(resources.length, 0);
    for (const event of resources) if (event.kind === "resource") assert.doesNotMatch(event.type, kinds);
  });

  it("a table that is no longer named is as it was @slow", async () => {
    await run(fewer(), "up");
    const data = ids["data"] ?? "";
    assert.equal(JSON.stringify((await world())[data]), JSON.stringify(before_[data]));
  });

  it("destroyed with what is protected, leaves every object of the user's byte for byte, and nothing of ours", async () => {
    await run(fewer(), "destroy");
    assert.deepEqual(worldText(await world()), worldText(before_));
  });

  it("the user's own program finds nothing to mend", async () => {
    const stack = await engine.stack("shop.network", shop);
    await stack.refresh({ expectNoChanges: true });
    const { summary } = await stack.up();
    assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
  });
});
