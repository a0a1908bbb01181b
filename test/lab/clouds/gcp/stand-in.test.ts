import assert from "node:assert/strict";
import { InMemory } from "./in-memory";
import { region, router } from "./region";

describe("the lab's Google Cloud", () => {
  it("gives a subnet's addresses from the second on, and takes all back", async () => {
    const { cloud, machine, inside } = await region();
    assert.equal(machine.networkInterfaces[0]?.networkIp, "10.20.0.2");
    assert.equal((await inside("b-inside"))["address"], "10.20.0.3");
    await cloud.make("Instance", "a", machine);
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("a subnet of 16 has 12 addresses, and no more", async () => {
    const { inside } = await region();
    for (let index = 0; index < 11; index += 1) await inside(`more-${String(index)}`);
    await assert.rejects(inside("one-too-many"), /IP_SPACE_EXHAUSTED|exhausted/);
  });

  it("admits what a rule for the machine's tag says, exactly, and lets all out", async () => {
    const { cloud, network, machine } = await region();
    const rule = {
      name: "ssh",
      network: network["id"],
      sourceRanges: ["203.0.113.0/24"],
      targetTags: ["gateway"],
      allows: [{ protocol: "tcp", ports: ["22"] }],
    };
    const state = await cloud.make("Firewall", "ssh", rule);
    await cloud.make("Instance", "a", machine);
    const group = () =>
      Object.values(cloud.world.objects)
        .flatMap((object) => (object.kind === "firewall" ? object.rules : []))
        .map(({ direction, protocol, ports, peer }) =>
          [direction, protocol, ports?.from, "cidr" in peer ? peer.cidr : ""].join(" "),
        );
    assert.deepEqual(group(), ["egress all  0.0.0.0/0", "ingress tcp 22 203.0.113.0/24"]);
    await cloud.update("Firewall", state, { ...rule, sourceRanges: ["198.51.100.0/24"] });
    assert.deepEqual(group(), ["egress all  0.0.0.0/0", "ingress tcp 22 198.51.100.0/24"]);
  });

  it("makes a session with an appliance of a spoke, and takes it away again", async () => {
    const { cloud, spoke, foot, peer } = await router();
    await cloud.make("Spoke", "spoke", spoke);
    await cloud.make("RouterInterface", "interface-0", foot);
    const state = await cloud.make("RouterPeer", "peer", peer);
    const read = await cloud.read("RouterPeer", state);
    assert.deepEqual(read, { peerIpAddress: peer.peerIpAddress, peerAsn: peer.peerAsn });
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("takes over what its own creation had begun, and refuses the name to anybody else", async () => {
    const cloud = new InMemory();
    const inputs = { name: "net", autoCreateSubnetworks: false };
    await cloud.make("Network", "net", inputs);
    await cloud.make("Network", "net", inputs);
    await assert.rejects(cloud.make("Network", "other", inputs), /already exists/);
  });
});
