import assert from "node:assert/strict";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";

const text = (more = "") => `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  weu: { cloud: azure, region: westeurope, cidrs: [10.30.0.0/16, 10.31.0.0/24]${more} }
`;

describe("a fleet of AWS and Azure on the real engine, in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const plan = planOf(text());
  const open = (name: string, of = plan) => engine.stack(name, stackProgram(of, name, { protect: false }));
  const up = async (name: string, of = plan) => {
    const { summary } = await (await open(name, of)).up();
    return Object.keys(summary.resourceChanges ?? {});
  };
  const machines = async () => {
    const { objects } = await engine.lab.world();
    return Object.values(objects)
      .flatMap((object) => (object.kind === "machine" && object.name.includes("weu") ? [object] : []))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  };

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up, stack by stack in the graph's order", async () => {
    for (const { name } of stackGraph(plan)) assert.deepEqual(await up(name), ["create"], name);
    assert.deepEqual(
      (await machines()).map(({ name, hostname }) => `${name} ${hostname}`),
      ["acme-weu-pair-a acme-weu-a", "acme-weu-pair-b acme-weu-b"],
    );
  });

  it("is in the world what Azure would have: exact rules, and sessions of each gateway with both instances", async () => {
    const objects = Object.values((await engine.lab.world()).objects);
    const group = objects.find(
      (object) => object.kind === "firewall" && object.id.startsWith("nsg.acme-weu."),
    );
    assert(group?.kind === "firewall");
    const peers = objects.flatMap((object) =>
      object.kind === "publicAddress" && object.name.includes("use1") ? [object.address] : [],
    );
    const admitted = group.rules
      .filter(({ direction, protocol }) => direction === "ingress" && protocol === "udp")
      .map(({ ports, peer }) => `${"cidr" in peer ? peer.cidr : ""} ${String(ports?.from)}`);
    assert.deepEqual(
      admitted.sort(),
      peers.flatMap((address) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
    );
    const planned = plan.regions.find(({ name }) => name === "weu")?.routeService;
    assert(planned?.kind === "service");
    const sessions = objects.flatMap((object) =>
      object.kind === "routeServicePeer" && object.name.includes("weu")
        ? [`${object.peerAddress} ${String(object.peerAsn)}`]
        : [],
    );
    assert.deepEqual(sessions.sort(), [
      ...["10.30.0.4", "10.30.0.4", "10.30.0.5", "10.30.0.5"].map(
        (address) => `${address} ${String(planned.alias)}`,
      ),
    ]);
  });

  it("comes up again and changes nothing, and a refresh finds everything as it was", async () => {
    for (const { name } of stackGraph(plan)) {
      assert.deepEqual(await up(name), ["same"], name);
      await (await open(name)).refresh({ expectNoChanges: true });
    }
  });

  it("replaces one machine when its epoch is raised: another id, the same name and addresses", async () => {
    const before = await machines();
    const raised = planOf(text(", epochs: { b: { image: 2 } }"));
    await up("acme.region-weu", raised);
    const after = await machines();
    assert.equal(after[0]?.id, before[0]?.id);
    assert.notEqual(after[1]?.id, before[1]?.id);
    assert.deepEqual(
      after.map(({ hostname, interface: card }) => [hostname, card]),
      before.map(({ hostname, interface: card }) => [hostname, card]),
    );
  });

  it("goes in reverse order and leaves nothing in the cloud", async () => {
    for (const { name } of stackGraph(plan).reverse()) {
      const { summary } = await (await open(name)).destroy();
      assert.equal(summary.result, "succeeded", name);
    }
    assert.deepEqual((await engine.lab.world()).objects, {});
  });
});
