import assert from "node:assert/strict";
import type { World, WorldObject } from "../../../lab/world/model";
import { nextPublicAddress, objectOf, putObject, removeObject } from "../../../lab/world/world";
import { base, gateway, network, peers, tunnel, worldOf } from "../ha-vpn-world";

const world = worldOf([...base, ...peers]);
const found = <K extends WorldObject["kind"]>(kind: K, id: string) => {
  const object = objectOf(world, kind, id);
  assert.ok(object !== undefined);
  return object;
};
const router = found("routeService", "router.europe-west1.router");
const endpoint = found("tunnelEndpoint", "interface-a0");
const session = found("tunnelPeer", "session-a0");

describe("the world's VPN gateways", () => {
  it("hold their addresses, which nobody else is given", () => {
    assert.equal(nextPublicAddress(world), "198.18.0.3");
  });

  for (const { what, object, says, more = [] } of [
    {
      what: "one with a single address",
      object: { ...gateway, id: "vpn-1", addresses: ["198.18.0.9"] },
      says: /two interfaces/,
    },
    {
      what: "one with an address of nobody's",
      object: { ...gateway, id: "vpn-1", addresses: ["198.18.0.9", "203.0.113.9"] },
      says: /203\.0\.113\.9/,
    },
    {
      what: "one of a network of another cloud",
      more: [{ kind: "network", id: "vpc-1", name: "1", cloud: "azure", cloudRegion: "x", cidrs: [] }],
      object: { ...gateway, id: "vpn-1", network: "vpc-1" },
      says: /Google's alone/,
    },
    {
      what: "a peer with three addresses",
      object: {
        kind: "peerVpnGateway",
        id: "peer-1",
        name: "1",
        addresses: ["1.1.1.1", "1.1.1.2", "1.1.1.3"],
      },
      says: /one, two or four/,
    },
    {
      what: "a tunnel of a router of another network",
      more: [
        { kind: "network", id: "vpc-1", name: "1", cloud: "gcp", cloudRegion: "", cidrs: [] },
        { ...router, id: "router-1", network: "vpc-1" },
      ],
      object: { ...tunnel("a", 0), id: "tunnel-1", routeService: "router-1" },
      says: /another network/,
    },
    {
      what: "tunnels of one gateway with two routers",
      more: [{ ...router, id: "router-1" }],
      object: { ...tunnel("a", 0), id: "tunnel-1", routeService: "router-1" },
      says: /not in the lab/,
    },
    {
      what: "an interface of another router than its tunnel's",
      more: [{ ...router, id: "router-1" }],
      object: { ...endpoint, id: "interface-1", routeService: "router-1", inside: "169.254.7.1/30" },
      says: /is not of router-1/,
    },
    {
      what: "a second session of one interface",
      object: { ...session, id: "session-1" },
      says: /has a peer already/,
    },
    {
      what: "a router of tunnels with an interface in a subnet",
      more: [
        { ...found("network", network), cidrs: ["10.20.128.0/17", "10.20.0.0/28"] },
        { kind: "subnet", id: "subnet-1", name: "1", network, zone: "europe-west1", cidr: "10.20.0.0/28" },
        {
          kind: "routeServiceEndpoint",
          id: "foot-1",
          name: "1",
          routeService: router.id,
          subnet: "subnet-1",
          address: "10.20.0.2",
        },
        { kind: "peerVpnGateway", id: "peer-1", name: "1", addresses: ["198.18.9.1"] },
        { ...tunnel("a", 0), id: "tunnel-1", peer: "peer-1" },
      ],
      object: { ...endpoint, id: "interface-1", tunnel: "tunnel-1", inside: "169.254.7.1/30" },
      says: /of router appliances is not in the lab/,
    },
  ] as readonly {
    readonly what: string;
    readonly object: WorldObject;
    readonly says: RegExp;
    readonly more?: readonly WorldObject[];
  }[])
    it(`refuse ${what}`, () => {
      const ready = more.reduce(putObject, world);
      assert.throws(() => putObject(ready, object), says);
    });

  it("a router has 128 peers and no more", () => {
    let full: World = world;
    const add = (number: number) => {
      const id = String(number);
      const inside = `169.254.${String(10 + Math.floor(number / 64))}.${String((number % 64) * 4 + 1)}`;
      const objects: readonly WorldObject[] = [
        { kind: "peerVpnGateway", id: `peer-${id}`, name: id, addresses: [`203.0.113.${id}`] },
        { ...tunnel("a", 0), id: `tunnel-${id}`, peer: `peer-${id}` },
        { ...endpoint, id: `interface-${id}`, tunnel: `tunnel-${id}`, inside: `${inside}/30` },
        {
          ...session,
          id: `session-${id}`,
          endpoint: `interface-${id}`,
          address: inside.replace(/\d+$/, (last) => String(Number(last) + 1)),
        },
      ];
      full = objects.reduce(putObject, full);
    };
    for (let number = 4; number < 128; number += 1) add(number);
    assert.throws(() => {
      add(128);
    }, /has 128 peers/);
  });

  it("go after their tunnels, and tunnels after their sessions", () => {
    for (const [kind, id] of [
      ["vpnGateway", gateway.id],
      ["peerVpnGateway", "peer-vpn.a"],
      ["gatewayTunnel", tunnel("a", 0).id],
      ["tunnelEndpoint", "interface-a0"],
      ["routeService", router.id],
    ] as const)
      assert.throws(() => removeObject(world, kind, id), /is in use by/, kind);
  });
});
