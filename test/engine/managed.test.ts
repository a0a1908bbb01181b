import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fabricHandover, trustHandover } from "../../stacks/handover";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { derivePsks } from "../../gateway/psk";
import type { ObjectKind, WorldObject } from "../../lab/world/model";
import { type Engine, startEngine } from "./engine";
import { fleetPlan } from "./fleets";

describe("a region with a managed gateway, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const plan = fleetPlan(["use1", "euw1"], { euw1: "gateway: managed" });
  const open = (name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const all = async <K extends ObjectKind>(kind: K) =>
    Object.values((await engine.lab.world()).objects).filter(
      (object): object is Extract<WorldObject, { kind: K }> => object.kind === kind,
    );
  const handover = async (name: string): Promise<unknown> =>
    (await (await open(name)).outputs())["handover"]?.value;

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up, stack by stack in the graph's order", async () => {
    for (const { name } of stackGraph(plan)) {
      const { summary } = await (await open(name)).up();
      assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["create"], name);
    }
  });

  it("is in the world what AWS would have: a connection for each own gateway, at its public address", async () => {
    const addresses = new Map(
      (await all("publicAddress")).map(({ address, name }) => [address, name] as const),
    );
    const gateways = new Map((await all("customerGateway")).map((gateway) => [gateway.id, gateway]));
    const connections = await all("vpnConnection");
    assert.equal(connections.length, 2);
    const asn = plan.regions.find(({ name }) => name === "use1")?.asn;
    const places = connections.map(({ customerGateway }) => {
      const gateway = gateways.get(customerGateway);
      assert.ok(gateway !== undefined);
      assert.equal(gateway.asn, asn);
      return addresses.get(gateway.address);
    });
    assert.deepEqual(places.sort(), ["acme-use1-pair-a-address", "acme-use1-pair-b-address"]);
    const [gateway] = await all("transitGateway");
    assert.equal(gateway?.asn, plan.regions.find(({ name }) => name === "euw1")?.asn);
  });

  it("has the plan's inside networks and the derived keys, and hands on its ends' addresses", async () => {
    const { ppkSeeds = {} } = trustHandover.parse(await handover("acme.trust"));
    const { managedAddresses = {} } = fabricHandover.parse(await handover("acme.fabric-euw1"));
    const planned = plan.links.flatMap(({ tunnels }) => tunnels);
    const keys = derivePsks(plan.fleet, planned, ppkSeeds);
    const tunnels = (await all("vpnConnection")).flatMap((connection) => connection.tunnels);
    assert.deepEqual(
      tunnels.map(({ address, inside, presharedKey }) => [address, inside, presharedKey]).sort(),
      planned.map(({ id, managed }) => [managedAddresses[id], managed?.insideCidr, keys[id]]).sort(),
    );
    assert.equal(new Set(tunnels.map(({ address }) => address)).size, 4);
  });

  it("is admitted by the gateways' firewall, each end's address at UDP 500 and 4500", async () => {
    const group = (await all("firewall")).find(({ name }) => name.includes("use1"));
    const admitted = (group?.rules ?? [])
      .filter(({ direction, protocol }) => direction === "ingress" && protocol === "udp")
      .map(({ ports, peer }) => `${"cidr" in peer ? peer.cidr : ""} ${String(ports?.from)}`);
    const tunnels = (await all("vpnConnection")).flatMap((connection) => connection.tunnels);
    assert.deepEqual(
      admitted.sort(),
      tunnels.flatMap(({ address }) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
    );
  });

  it("has its network's table lead to the transit gateway, and no way to the internet", async () => {
    const network = (await all("network")).find(({ name }) => name.includes("euw1"));
    const tables = (await all("routeTable")).filter((table) => table.network === network?.id);
    const [gateway] = await all("transitGateway");
    assert.deepEqual(
      tables.flatMap(({ routes }) => routes),
      [{ cidr: "10.10.0.0/16", target: { transitGateway: gateway?.id } }],
    );
    assert.ok(!(await all("internetGateway")).some((found) => found.network === network?.id));
  });

  it("keeps its keys in no state in the clear", async () => {
    const keys = (await all("vpnConnection"))
      .flatMap((connection) => connection.tunnels)
      .map(({ presharedKey }) => presharedKey);
    assert.equal(keys.length, 4);
    for (const { name } of stackGraph(plan)) {
      const file = join(engine.folder, "state/.pulumi/stacks/trunkline", `${name}.json`);
      const text = readFileSync(file, "utf8");
      for (const key of keys) assert.ok(!text.includes(key), name);
      // The keys were there to stand in it.
      if (name === "acme.fabric-euw1") assert.match(text, /tunnel1PresharedKey/);
    }
  });

  it("comes up again and changes nothing, and a refresh finds everything as it was", async () => {
    for (const { name } of stackGraph(plan)) {
      const stack = await open(name);
      const { summary } = await stack.up();
      assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"], name);
      await stack.refresh({ expectNoChanges: true });
    }
  });

  it("goes in reverse order and leaves nothing in the cloud", async () => {
    for (const { name } of stackGraph(plan).reverse()) {
      const { summary } = await (await open(name)).destroy();
      assert.equal(summary.result, "succeeded", name);
    }
    assert.deepEqual((await engine.lab.world()).objects, {});
  });
});
