import assert from "node:assert/strict";
import type { World } from "../../../lab/world/model";
import { passage } from "../../../lab/world/passage";
import { emptyWorld, putObject } from "../../../lab/world/world";
import { contract } from "../contract";
import { east, gatewayMachine, twoNetworks, west } from "../two-networks";

describe("the contract of both labs, as the recorded one answers", () => {
  const world: World = [...twoNetworks(), gatewayMachine("west"), gatewayMachine("east")].reduce(
    putObject,
    emptyWorld(),
  );

  for (const { what, changed = [], from, packet, expected } of contract)
    it(what, () => {
      const seen = passage(changed.reduce(putObject, world), from, packet);
      if ("refused" in expected) {
        assert(!seen.arrives, JSON.stringify(seen));
        assert.equal(seen.because, expected.refused);
        return;
      }
      assert(seen.arrives, JSON.stringify(seen));
      assert.equal(seen.at, expected.at);
      if (expected.source !== undefined) assert.equal(seen.packet.source, expected.source);
      if (expected.destination !== undefined) assert.equal(seen.packet.destination, expected.destination);
    });

  it("a public address stands for the one private address that it is at, and moves with it", () => {
    const second = "10.10.0.20";
    const nic = world.objects[west.gatewayInterface];
    const held = world.objects["eip-west"];
    assert(nic?.kind === "interface" && held?.kind === "publicAddress");
    const moved = [
      { ...nic, secondaryAddresses: [second] },
      { ...held, privateAddress: second },
    ].reduce<World>(putObject, world);
    const sent = (source: string) =>
      passage(moved, { interface: nic.id }, { source, destination: east.public, protocol: "udp", port: 500 });
    const out = sent(second);
    assert(out.arrives && out.packet.source === west.public, JSON.stringify(out));
    const first = sent(west.gatewayAddress);
    assert(!first.arrives && first.because === "NoPublicAddress", JSON.stringify(first));
    const packet = {
      source: east.gatewayAddress,
      destination: west.public,
      protocol: "udp",
      port: 500,
    } as const;
    const back = passage(moved, { interface: east.gatewayInterface }, packet);
    assert(
      back.arrives && back.at === west.gateway && back.packet.destination === second,
      JSON.stringify(back),
    );
  });
});
