import assert from "node:assert/strict";
import type { World } from "../../../lab/world/model";
import { passage } from "../../../lab/world/passage";
import { emptyWorld, putObject } from "../../../lab/world/world";
import { contract, original } from "../contract";
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

describe("IPv6 within a network, as the recorded lab answers", () => {
  const block = "fd8a:1b2c:3d00::/56";
  const addresses = { workload: "fd8a:1b2c:3d00:4::a", gateway: "fd8a:1b2c:3d00::4" };
  const all = { protocol: "all" } as const;
  const world = [
    ...[...twoNetworks(), gatewayMachine("west")],
    { ...original("network", west.network), ipv6: block },
    { ...original("subnet", "subnet-west-public"), ipv6: "fd8a:1b2c:3d00::/64" },
    { ...original("subnet", "subnet-west-private"), ipv6: "fd8a:1b2c:3d00:4::/64" },
    { ...original("interface", west.gatewayInterface), ipv6: addresses.gateway },
    { ...original("interface", west.workloadInterface), ipv6: addresses.workload },
    {
      ...original("firewall", "sg-west-workload"),
      rules: [{ id: "out", direction: "egress", ...all, peer: { cidr: "::/0" } } as const],
    },
    {
      ...original("firewall", "sg-west-gateway"),
      rules: [
        { id: "in", direction: "ingress", ...all, peer: { cidr: block } } as const,
        { id: "out", direction: "egress", ...all, peer: { cidr: block } } as const,
      ],
    },
  ].reduce(putObject, emptyWorld());
  const workload = { interface: west.workloadInterface };
  const gateway = { interface: west.gatewayInterface };

  for (const { what, from, source, destination, said } of [
    {
      what: "arrives",
      from: workload,
      source: addresses.workload,
      destination: addresses.gateway,
      said: west.gateway,
    },
    {
      what: "does not leave with a foreign source",
      from: workload,
      source: "fd8a:1b2c:3d00:4::b",
      destination: addresses.gateway,
      said: "SourceCheck",
    },
    {
      what: "is admitted by a rule of IPv6 alone",
      from: gateway,
      source: addresses.gateway,
      destination: addresses.workload,
      said: "Ingress",
    },
    {
      what: "leaves by a rule of IPv6 alone",
      from: gateway,
      source: addresses.gateway,
      destination: "2001:db8::1",
      said: "Egress",
    },
    {
      what: "has no way to the internet",
      from: workload,
      source: addresses.workload,
      destination: "2001:db8::1",
      said: "NoRoute",
    },
  ])
    it(what, () => {
      const seen = passage(world, from, { source, destination, protocol: "icmp" });
      assert.equal(seen.arrives ? seen.at : seen.because, said);
    });
});
