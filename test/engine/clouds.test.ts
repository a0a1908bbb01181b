import assert from "node:assert/strict";
import { stackGraph } from "../../stacks/graph";
import type { Firewall, WorldObject } from "../../lab/world/model";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";

const text = (more = "") => `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: gcp, region: europe-west1, cidrs: [10.20.0.0/16, 10.21.0.0/24]${more} }
  weu: { cloud: azure, region: westeurope, cidrs: [10.30.0.0/16, 10.31.0.0/24]${more} }
`;

/** UDP 500 and 4500 of every gateway elsewhere, and of nobody else. */
function admitsPeers(group: Firewall, objects: readonly WorldObject[], region: string): void {
  const peers = objects.flatMap((object) =>
    // A Route Server's own is behind no interface.
    object.kind === "publicAddress" && object.interface !== undefined && !object.name.includes(region)
      ? [object.address]
      : [],
  );
  const admitted = group.rules
    .filter(({ direction, protocol }) => direction === "ingress" && protocol === "udp")
    .map(({ ports, peer }) => `${"cidr" in peer ? peer.cidr : ""} ${String(ports?.from)}`);
  assert.equal(peers.length, 4);
  assert.deepEqual(
    admitted.sort(),
    peers.flatMap((address) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
  );
}

describe("a fleet of three clouds on the real engine, in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const plan = planOf(text());
  const raised = planOf(text(", epochs: { b: { image: 2 } }"));
  const open = (name: string, of = plan) => engine.stack(name, stackProgram(of, name, { protect: false }));
  const up = async (name: string, of = plan) => {
    const { summary } = await (await open(name, of)).up();
    return Object.keys(summary.resourceChanges ?? {});
  };
  const machines = async (region: string) => {
    const { objects } = await engine.lab.world();
    return Object.values(objects)
      .flatMap((object) => (object.kind === "machine" && object.name.includes(region) ? [object] : []))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  };

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up, stack by stack in the graph's order", async () => {
    for (const { name } of stackGraph(plan)) assert.deepEqual(await up(name), ["create"], name);
    const named = async (region: string) =>
      (await machines(region)).map(({ name, hostname }) => `${name} ${hostname}`);
    assert.deepEqual(await named("euw1"), [
      "acme-euw1-pair-a acme-euw1-pair-a",
      "acme-euw1-pair-b acme-euw1-pair-b",
    ]);
    assert.deepEqual(await named("weu"), ["acme-weu-pair-a acme-weu-a", "acme-weu-pair-b acme-weu-b"]);
  });

  it("is in the world what Google would have: addresses of subnets, exact rules, sessions with both interfaces", async () => {
    const objects = Object.values((await engine.lab.world()).objects);
    const network = objects.find((object) => object.kind === "network" && object.cloud === "gcp");
    assert(network?.kind === "network");
    assert.deepEqual([...network.cidrs].sort(), ["10.20.0.0/28", "10.20.128.0/17", "10.21.0.0/24"]);
    assert.equal(network.mtu, 1460);
    const group = objects.find((object) => object.kind === "firewall" && object.network === network.id);
    assert(group?.kind === "firewall");
    admitsPeers(group, objects, "euw1");
    const sessions = objects.filter(
      (object) => object.kind === "routeServicePeer" && object.name.includes("euw1"),
    );
    assert.equal(sessions.length, 4);
  });

  it("is in the world what Azure would have: exact rules, and sessions of each gateway with both instances", async () => {
    const objects = Object.values((await engine.lab.world()).objects);
    const group = objects.find((object) => object.id.startsWith("nsg.acme-weu."));
    assert(group?.kind === "firewall");
    admitsPeers(group, objects, "weu");
    const planned = plan.regions.find(({ name }) => name === "weu")?.routeService;
    assert(planned?.kind === "service");
    const sessions = objects.flatMap((object) =>
      object.kind === "routeServicePeer" && object.name.includes("weu")
        ? [`${object.peerAddress} ${String(object.peerAsn)}`]
        : [],
    );
    assert.deepEqual(
      sessions.sort(),
      ["10.30.0.4", "10.30.0.4", "10.30.0.5", "10.30.0.5"].map(
        (address) => `${address} ${String(planned.alias)}`,
      ),
    );
  });

  it("comes up again and changes nothing", async () => {
    for (const { name } of stackGraph(plan)) assert.deepEqual(await up(name), ["same"], name);
  });

  it("a refresh finds everything as it was @slow", async () => {
    for (const { name } of stackGraph(plan)) await (await open(name)).refresh({ expectNoChanges: true });
  });

  it("a refresh sees that somebody stopped a gateway's forwarding, and the next update makes it anew", async () => {
    const [machine] = await machines("euw1");
    assert.ok(machine !== undefined);
    const card = await engine.lab.get("interface", machine.interface);
    assert.ok(card !== undefined);
    await engine.lab.put({ ...card, sourceDestinationCheck: true });
    const stack = await open("acme.region-euw1");
    const { summary } = await stack.refresh();
    assert.equal(summary.resourceChanges?.update, 1);
    await stack.up();
    const [now] = await machines("euw1");
    assert.notEqual(now?.id, machine.id);
    assert.equal((await engine.lab.get("interface", now?.interface ?? ""))?.sourceDestinationCheck, false);
  });

  for (const region of ["euw1", "weu"])
    it(`replaces one machine when its epoch is raised: another id, the same name and addresses, in ${region} @slow`, async () => {
      const before = await machines(region);
      await up(`acme.region-${region}`, raised);
      const after = await machines(region);
      assert.equal(after[0]?.id, before[0]?.id);
      assert.notEqual(after[1]?.id, before[1]?.id);
      assert.equal(after[1]?.hostname, before[1]?.hostname);
      const addresses = Object.values((await engine.lab.world()).objects).filter(
        (object) => object.kind === "publicAddress" && object.interface !== undefined,
      );
      assert.equal(addresses.length, 6);
    });

  it("and nothing is left to do once the others know of the new machines @slow", async () => {
    for (const { name } of stackGraph(raised)) await up(name, raised);
    for (const { name } of stackGraph(raised)) assert.deepEqual(await up(name, raised), ["same"], name);
  });

  it("goes in reverse order and leaves nothing in the cloud", async () => {
    for (const { name } of stackGraph(plan).reverse()) {
      const { summary } = await (await open(name)).destroy();
      assert.equal(summary.result, "succeeded", name);
    }
    assert.deepEqual((await engine.lab.world()).objects, {});
  });
});
