import assert from "node:assert/strict";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";

const text = (more = "") => `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: gcp, region: europe-west1, cidrs: [10.20.0.0/16, 10.21.0.0/24]${more} }
`;

describe("a fleet of two clouds on the real engine, in a recorded lab", function () {
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
      .flatMap((object) => (object.kind === "machine" && object.name.includes("euw1") ? [object] : []))
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
      ["acme-euw1-pair-a acme-euw1-pair-a", "acme-euw1-pair-b acme-euw1-pair-b"],
    );
  });

  it("is in the world what Google would have: addresses of subnets, exact rules, sessions with both interfaces", async () => {
    const objects = Object.values((await engine.lab.world()).objects);
    const network = objects.find((object) => object.kind === "network" && object.cloud === "gcp");
    assert(network?.kind === "network");
    assert.deepEqual([...network.cidrs].sort(), ["10.20.0.0/28", "10.20.128.0/17", "10.21.0.0/24"]);
    assert.equal(network.mtu, 1460);
    const group = objects.find((object) => object.kind === "firewall" && object.network === network.id);
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
    const sessions = objects.filter(
      (object) => object.kind === "routeServicePeer" && object.name.includes("euw1"),
    );
    assert.equal(sessions.length, 4);
  });

  it("comes up again and changes nothing, and a refresh finds everything as it was", async () => {
    for (const { name } of stackGraph(plan)) {
      assert.deepEqual(await up(name), ["same"], name);
      await (await open(name)).refresh({ expectNoChanges: true });
    }
  });

  it("a refresh sees that somebody stopped a gateway's forwarding, and the next update makes it anew", async () => {
    const [machine] = await machines();
    assert.ok(machine !== undefined);
    const card = await engine.lab.get("interface", machine.interface);
    assert.ok(card !== undefined);
    await engine.lab.put({ ...card, sourceDestinationCheck: true });
    const stack = await open("acme.region-euw1");
    const { summary } = await stack.refresh();
    assert.equal(summary.resourceChanges?.update, 1);
    await stack.up();
    const [now] = await machines();
    assert.notEqual(now?.id, machine.id);
    assert.equal((await engine.lab.get("interface", now?.interface ?? ""))?.sourceDestinationCheck, false);
  });

  it("replaces one machine when its epoch is raised: another id, the same name and addresses @slow", async () => {
    const before = await machines();
    const raised = planOf(text(", epochs: { b: { image: 2 } }"));
    await up("acme.region-euw1", raised);
    const after = await machines();
    assert.equal(after[0]?.id, before[0]?.id);
    assert.notEqual(after[1]?.id, before[1]?.id);
    assert.equal(after[1]?.hostname, before[1]?.hostname);
    const addresses = async () =>
      Object.values((await engine.lab.world()).objects)
        .flatMap((object) =>
          object.kind === "publicAddress" && object.interface !== undefined ? [object.address] : [],
        )
        .sort();
    assert.equal((await addresses()).length, 4);
    for (const name of ["acme.trust", "acme.fabric-euw1", "acme.fabric-use1"]) await up(name, raised);
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
