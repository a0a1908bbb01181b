import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fabricHandover, trustHandover } from "../../stacks/handover";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { derivePsks } from "../../gateway/psk";
import type { ObjectKind, WorldObject } from "../../lab/world/model";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";

/** Three clouds' managed gateways are called by one pair. */
const text = `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
links: [[euw1, use1], [euw4, use1], [use1, weu]]
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }
  euw4: { cloud: gcp, region: europe-west4, cidr: 10.30.0.0/16, gateway: managed }
  weu: { cloud: azure, region: westeurope, cidr: 10.40.0.0/16, gateway: managed }
`;

describe("regions with managed gateways of three clouds, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const plan = planOf(text);
  const plannedOf = (region: string) =>
    plan.links.filter(({ ends }) => ends.includes(region)).flatMap(({ tunnels }) => tunnels);
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

  it("is in the world what Google would have: a tunnel from each interface to each own gateway, and a session inside", async () => {
    const objects = Object.values((await engine.lab.world()).objects);
    const { ppkSeeds = {} } = trustHandover.parse(await handover("acme.trust"));
    const { managedAddresses = {} } = fabricHandover.parse(await handover("acme.fabric-euw4"));
    const planned = plannedOf("euw4");
    const keys = derivePsks(plan.fleet, planned, ppkSeeds);
    const [gateway] = await all("vpnGateway");
    const own = new Map((await all("publicAddress")).map(({ address, name }) => [name, address] as const));
    const found = (await all("gatewayTunnel")).map((tunnel) => {
      const peer = objects.find(({ id }) => id === tunnel.peer);
      const endpoint = objects.find((one) => one.kind === "tunnelEndpoint" && one.tunnel === tunnel.id);
      const session = objects.find((one) => one.kind === "tunnelPeer" && one.endpoint === endpoint?.id);
      assert.ok(peer?.kind === "peerVpnGateway" && endpoint?.kind === "tunnelEndpoint");
      assert.ok(session?.kind === "tunnelPeer");
      const inside = [endpoint.inside, `${session.address}/30`];
      return [gateway?.addresses[tunnel.interface], peer.addresses[0], tunnel.presharedKey, ...inside];
    });
    assert.deepEqual(
      found.sort(),
      planned
        .map(({ id, ends, managed }) => {
          const letter = managed?.connection.at(-1) ?? "";
          const address = own.get(`acme-use1-pair-${letter}-address`);
          return [managedAddresses[id], address, keys[id], ...ends.map(({ inside }) => inside)];
        })
        .sort(),
    );
    assert.equal(found.length, 4);
    const router = (await all("routeService")).find(({ name }) => name.includes("euw4"));
    assert.equal(router?.asn, plan.regions.find(({ name }) => name === "euw4")?.asn);
    assert.deepEqual(router?.advertised, ["10.30.0.0/16"]);
  });

  it("is in the world what Azure would have: two instances, and a connection with each own gateway", async () => {
    const { ppkSeeds = {} } = trustHandover.parse(await handover("acme.trust"));
    const { managedAddresses = {} } = fabricHandover.parse(await handover("acme.fabric-weu"));
    const planned = plannedOf("weu");
    const keys = derivePsks(plan.fleet, planned, ppkSeeds);
    const addresses = new Map((await all("publicAddress")).map((one) => [one.id, one] as const));
    const called = new Map([...addresses.values()].map(({ address, name }) => [address, name] as const));
    const peers = new Map((await all("localNetworkGateway")).map((peer) => [peer.id, peer] as const));
    const [gateway, ...more] = await all("virtualNetworkGateway");
    assert.ok(gateway !== undefined && more.length === 0);
    assert.equal(gateway.asn, plan.regions.find(({ name }) => name === "weu")?.asn);
    const connections = await all("gatewayConnection");
    assert.equal(connections.length, 2);
    const found = connections.flatMap(({ peer, presharedKey }) => {
      const far = peers.get(peer);
      assert.equal(far?.asn, plan.regions.find(({ name }) => name === "use1")?.asn);
      return gateway.instances.map(({ publicAddress, inside }) => [
        ...[addresses.get(publicAddress)?.address, called.get(far?.address ?? ""), presharedKey],
        ...[`${inside}/32`, `${far?.inside ?? ""}/32`],
      ]);
    });
    assert.deepEqual(
      found.sort(),
      planned
        .map(({ id, ends, managed }) => {
          const [own, cloud] = ends;
          const letter = managed?.connection.at(-1) ?? "";
          return [
            ...[managedAddresses[id], `acme-use1-pair-${letter}-address`, keys[id]],
            ...[cloud.inside, own.inside],
          ];
        })
        .sort(),
    );
  });

  it("has the plan's inside networks and the derived keys, and hands on its ends' addresses", async () => {
    const { ppkSeeds = {} } = trustHandover.parse(await handover("acme.trust"));
    const { managedAddresses = {} } = fabricHandover.parse(await handover("acme.fabric-euw1"));
    const planned = plannedOf("euw1");
    const keys = derivePsks(plan.fleet, planned, ppkSeeds);
    const tunnels = (await all("vpnConnection")).flatMap((connection) => connection.tunnels);
    assert.deepEqual(
      tunnels.map(({ address, inside, presharedKey }) => [address, inside, presharedKey]).sort(),
      planned.map(({ id, managed }) => [managedAddresses[id], managed?.insideCidr, keys[id]]).sort(),
    );
    assert.equal(new Set(tunnels.map(({ address }) => address)).size, 4);
  });

  it("is admitted by the gateways' firewall, each address once, at UDP 500 and 4500", async () => {
    const group = (await all("firewall")).find(({ name }) => name.includes("use1"));
    const admitted = (group?.rules ?? [])
      .filter(({ direction, protocol }) => direction === "ingress" && protocol === "udp")
      .map(({ ports, peer }) => `${"cidr" in peer ? peer.cidr : ""} ${String(ports?.from)}`);
    const addresses = [
      ...(await all("vpnConnection")).flatMap(({ tunnels }) => tunnels.map(({ address }) => address)),
      ...(await all("vpnGateway")).flatMap((gateway) => gateway.addresses),
      ...(await all("publicAddress"))
        .filter(({ name }) => name.includes("weu"))
        .map(({ address }) => address),
    ];
    assert.equal(addresses.length, 8);
    assert.deepEqual(
      admitted.sort(),
      addresses.flatMap((address) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
    );
  });

  it("has its network's table lead to the transit gateway, and no way to the internet", async () => {
    const network = (await all("network")).find(({ name }) => name.includes("euw1"));
    const tables = (await all("routeTable")).filter((table) => table.network === network?.id);
    const [gateway] = await all("transitGateway");
    assert.deepEqual(
      tables.flatMap(({ routes }) => routes).sort((one, other) => (one.cidr < other.cidr ? -1 : 1)),
      ["10.10.0.0/16", "10.30.0.0/16", "10.40.0.0/16"].map((cidr) => ({
        cidr,
        target: { transitGateway: gateway?.id },
      })),
    );
    assert.ok(!(await all("internetGateway")).some((found) => found.network === network?.id));
  });

  it("on Google Cloud has its network follow the Cloud Router, and no machine or firewall", async () => {
    const [gateway] = await all("vpnGateway");
    const tables = (await all("routeTable")).filter((table) => table.network === gateway?.network);
    const router = (await all("routeService")).find((service) => service.network === gateway?.network);
    assert.deepEqual(
      tables.map(({ propagatedFrom }) => propagatedFrom),
      [[router?.id]],
    );
    assert.ok(!(await all("firewall")).some((found) => found.network === gateway?.network));
    assert.ok((await all("machine")).every(({ name }) => name.includes("use1")));
  });

  it("keeps its keys in no state in the clear", async () => {
    const keys = [
      ...(await all("vpnConnection")).flatMap((connection) => connection.tunnels),
      ...(await all("gatewayTunnel")),
      ...(await all("gatewayConnection")),
    ].map(({ presharedKey }) => presharedKey);
    assert.equal(keys.length, 10);
    for (const { name } of stackGraph(plan)) {
      const file = join(engine.folder, "state/.pulumi/stacks/trunkline", `${name}.json`);
      const state = readFileSync(file, "utf8");
      for (const key of keys) assert.ok(!state.includes(key), name);
      // The keys were there to stand in it.
      if (name === "acme.fabric-euw1") assert.match(state, /tunnel1PresharedKey/);
      if (name === "acme.fabric-euw4") assert.match(state, /sharedSecret/);
      if (name === "acme.fabric-weu") assert.match(state, /sharedKey/);
    }
  });

  it("comes up again and changes nothing, and a refresh finds everything as it was", async () => {
    // Of a region with gateways of its own another file shows it.
    const managed = stackGraph(plan).filter(({ region }) => ["euw1", "euw4", "weu"].includes(region ?? ""));
    assert.equal(managed.length, 6);
    for (const { name } of managed) {
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
