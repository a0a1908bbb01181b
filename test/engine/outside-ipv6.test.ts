import assert from "node:assert/strict";
import * as ec2 from "@pulumi/aws/ec2";
import { Provider } from "@pulumi/aws/provider";
import * as vpc from "@pulumi/aws/vpc";
import type { Plan } from "../../fleet/plan";
import type { Firewall, Interface } from "../../lab/world/model";
import { stackGraph } from "../../stacks/graph";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan } from "./fleets";

const planOf = (euw1: string, use1: string) =>
  fleetPlan(["euw1", "use1"], { euw1: `gateways: 1, ${euw1}`, use1: `gateways: 1, ${use1}` });
const over = { ipv4: "outside: ipv4", ipv6: "outside: ipv6" };
const [overIpv4, both] = [planOf(over.ipv4, over.ipv4), planOf(over.ipv6, over.ipv6)];

describe("regions that speak to each other over IPv6, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const open = (plan: Plan, name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const up = async (plan: Plan, name: string) =>
    (await (await open(plan, name)).up()).summary.resourceChanges ?? {};
  const upAll = async (plan: Plan) => {
    for (const { name } of stackGraph(plan)) await up(plan, name);
  };
  const objects = async () => Object.values((await engine.lab.world()).objects);
  const cardOf = async (region: string): Promise<Interface> => {
    const found = (await objects()).find(
      ({ kind, name }) => kind === "interface" && name.includes(`${region}-pair-a-card`),
    );
    assert.ok(found?.kind === "interface", region);
    return found;
  };
  const groupOf = async (region: string): Promise<Firewall> => {
    const found = (await objects()).find(({ kind, name }) => kind === "firewall" && name.includes(region));
    assert.ok(found?.kind === "firewall", region);
    return found;
  };
  const overIpv6 = ({ rules }: Firewall) =>
    rules
      .flatMap(({ direction, ports, peer }) =>
        "cidr" in peer && peer.cidr.includes(":") ? [`${direction} ${String(ports?.from)} ${peer.cidr}`] : [],
      )
      .sort();
  const routes6 = async () =>
    (await objects()).flatMap((object) =>
      object.kind === "routeTable"
        ? object.routes.filter(({ cidr }) => cidr.includes(":")).map(() => object.name)
        : [],
    );

  before("a fleet over IPv4", async () => {
    engine = await startEngine();
    await upAll(overIpv4);
  });
  after(() => engine.close());

  it("a fleet that is there changes in place: a preview knows no address yet, and no machine is replaced", async () => {
    const machines = (await objects()).filter(({ kind }) => kind === "machine");
    for (const { name } of stackGraph(both)) {
      const preview = await (await open(both, name)).preview();
      assert.deepEqual(
        Object.keys(preview.changeSummary).filter((kind) => /replace/.test(kind)),
        [],
        name,
      );
      await up(both, name);
    }
    assert.deepEqual(
      (await objects()).filter(({ kind }) => kind === "machine"),
      machines,
    );
  });

  it("each network has a /56 of Amazon's, of which its gateways' subnets alone have some", async () => {
    const all = await objects();
    const networks = all.filter((object) => object.kind === "network");
    const blocks = networks.map(({ ipv6 = "" }) => ipv6);
    assert.equal(new Set(blocks).size, 2);
    for (const block of blocks) assert.match(block, /^2001:db8:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/56$/);
    for (const object of all)
      if (object.kind === "subnet")
        assert.equal(object.ipv6 !== undefined, object.name.includes("gateway"), object.name);
    assert.deepEqual((await routes6()).sort(), ["acme-euw1-network-public", "acme-use1-network-public"]);
  });

  it("gateways' addresses are handed on, and peers' rules are exactly of them", async () => {
    for (const [region, other] of [
      ["euw1", "use1"],
      ["use1", "euw1"],
    ] as const) {
      const own = await cardOf(region);
      const outputs = await (await open(both, `acme.region-${region}`)).outputs();
      const [gateway] = regionHandover.parse(outputs["handover"]?.value).gateways;
      assert.equal(gateway?.ipv6?.address, own.ipv6);
      const peer = (await cardOf(other)).ipv6 ?? "";
      assert.deepEqual(overIpv6(await groupOf(region)), [
        "egress 4500 ::/0",
        "egress 500 ::/0",
        `ingress 4500 ${peer}/128`,
        `ingress 500 ${peer}/128`,
      ]);
    }
  });

  it("comes up again and changes nothing, and a refresh finds everything as it was @slow", async () => {
    for (const { name } of stackGraph(both)) {
      assert.deepEqual(Object.keys(await up(both, name)), ["same"], name);
      await (await open(both, name)).refresh({ expectNoChanges: true });
    }
  });

  it("a machine in another's place has the same address @slow", async () => {
    const { ipv6 } = await cardOf("use1");
    const raised = planOf(over.ipv6, `${over.ipv6}, epochs: { a: { image: 2 } }`);
    const machine = async () =>
      (await objects()).find(({ kind, name }) => kind === "machine" && name.includes("use1"));
    const old = await machine();
    for (const { name } of stackGraph(raised)) await up(raised, name);
    assert.notEqual((await machine())?.id, old?.id);
    assert.equal((await cardOf("use1")).ipv6, ipv6);
    await up(both, "acme.region-use1");
  });

  it("the cloud makes no rule of IPv4 one of IPv6: the other family's has a name of its own", async () => {
    const ruleOf = (peer: { cidrIpv4: string } | { cidrIpv6: string }) => () => {
      const provider = new Provider("cloud", { region: "us-east-1" });
      const { id: vpcId } = new ec2.Vpc("net", { cidrBlock: "10.1.0.0/16" }, { provider });
      const { id: securityGroupId } = new ec2.SecurityGroup("group", { vpcId }, { provider });
      const rule = { securityGroupId, ipProtocol: "udp", fromPort: 500, toPort: 500, ...peer };
      return Promise.resolve(void new vpc.SecurityGroupIngressRule("rule", rule, { provider }));
    };
    await (await engine.stack("rules", ruleOf({ cidrIpv4: "198.18.0.1/32" }))).up();
    const changed = await engine.stack("rules", ruleOf({ cidrIpv6: "2001:db8::1/128" }));
    await assert.rejects(changed.up(), /The type of a security group rule cannot be changed/);
    await changed.destroy();
  });

  it("a region that speaks over IPv4 again has no way in or out over IPv6; what Amazon gave stays with the network @slow", async () => {
    const back = planOf(over.ipv6, over.ipv4);
    for (const { name } of stackGraph(back)) await up(back, name);
    assert.deepEqual(overIpv6(await groupOf("use1")), []);
    assert.deepEqual(
      overIpv6(await groupOf("euw1")).filter((rule) => rule.startsWith("ingress")),
      [],
    );
    assert.deepEqual(await routes6(), ["acme-euw1-network-public"]);
    for (const { name } of stackGraph(back))
      assert.deepEqual(Object.keys(await up(back, name)), ["same"], name);
    await upAll(both);
    assert.equal(overIpv6(await groupOf("use1")).length, 4);
  });

  it("goes in reverse order and leaves nothing in the cloud", async () => {
    for (const { name } of [...stackGraph(both)].reverse()) await (await open(both, name)).destroy();
    assert.deepEqual(await objects(), []);
  });
});
