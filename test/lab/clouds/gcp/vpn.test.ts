import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "./in-memory";

const region = "europe-west1";
const key = "one.key.of.this.test.of.32.characters";
const tunnelType = "VPNTunnel";
const suite = {
  phase1: { encryptions: ["AES-GCM-16-256"], prves: ["PRF-HMAC-SHA2-384"], dhs: ["Group-20"] },
  phase2: { encryptions: ["AES-GCM-16-256"], pfs: ["Group-20"] },
};

/** A region with an HA VPN gateway, a Cloud Router, an external VPN gateway, and two tunnels' worth of the rest. */
async function ready() {
  const cloud = new InMemory();
  const network = await cloud.make("Network", "net", { name: "net", autoCreateSubnetworks: false });
  await cloud.make("Subnetwork", "workloads", {
    name: "workloads",
    region,
    network: network["id"],
    ipCidrRange: "10.20.128.0/17",
  });
  const gateway = await cloud.make("HaVpnGateway", "vpn", { name: "vpn", region, network: network["id"] });
  const router = {
    name: "router",
    region,
    network: network["id"],
    bgp: { asn: 4200002000, advertiseMode: "CUSTOM", advertisedIpRanges: [{ range: "10.20.0.0/16" }] },
  };
  await cloud.make("Router", "router", router);
  const external = (name: string, ...addresses: string[]) =>
    cloud.make("ExternalVpnGateway", name, {
      name,
      redundancyType:
        { 1: "SINGLE_IP_INTERNALLY_REDUNDANT", 2: "TWO_IPS_REDUNDANCY" }[addresses.length] ??
        "FOUR_IPS_REDUNDANCY",
      interfaces: addresses.map((ipAddress, id) => ({ id, ipAddress })),
    });
  const peer = await external("peer", "203.0.113.10");
  const tunnel = (number: 0 | 1, change: Properties = {}) =>
    cloud.make(tunnelType, `tunnel-${String(number)}`, {
      name: `tunnel-${String(number)}`,
      region,
      vpnGateway: gateway["id"],
      vpnGatewayInterface: number,
      peerExternalGateway: peer["id"],
      peerExternalGatewayInterface: 0,
      router: "router",
      cipherSuite: suite,
      sharedSecret: key,
      ...change,
    });
  const inside = (number: 0 | 1, change: Properties = {}) =>
    cloud.make("RouterInterface", `interface-${String(number)}`, {
      name: `interface-${String(number)}`,
      router: "router",
      region,
      vpnTunnel: `tunnel-${String(number)}`,
      ipRange: `169.254.6.${String(4 * number + 1)}/30`,
      ...change,
    });
  const session = (number: 0 | 1, change: Properties = {}) =>
    cloud.make("RouterPeer", `peer-${String(number)}`, {
      name: `peer-${String(number)}`,
      router: "router",
      region,
      interface: `interface-${String(number)}`,
      peerIpAddress: `169.254.6.${String(4 * number + 2)}`,
      peerAsn: 4200000001,
      ...change,
    });
  return { cloud, network, gateway, router, external, peer, tunnel, inside, session };
}

describe("the lab's Google Cloud, HA VPN", () => {
  it("has two addresses, of each tunnel the one of its interface, and its router's address in each session", async () => {
    const { cloud, gateway, tunnel, inside, session } = await ready();
    const [first, second] = interfaces(gateway);
    assert.match(String(first), /^198\.18\./);
    assert.notEqual(first, second);
    assert.equal((await tunnel(0))["peerIp"], "203.0.113.10");
    await tunnel(1);
    await inside(0);
    await inside(1);
    assert.deepEqual(
      [(await session(0))["ipAddress"], (await session(1))["ipAddress"]],
      ["169.254.6.1", "169.254.6.5"],
    );
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("finds everything as it was made, and tells nobody a key", async () => {
    const { cloud, gateway, peer, tunnel, inside, session } = await ready();
    const made = await tunnel(0);
    const [one, other] = [await inside(0), await session(0)];
    for (const [type, state] of [
      ["HaVpnGateway", gateway],
      ["ExternalVpnGateway", peer],
      [tunnelType, made],
      ["RouterInterface", one],
      ["RouterPeer", other],
    ] as const) {
      const read = await cloud.read(type, state);
      assert.ok(read !== undefined, type);
      for (const [field, value] of Object.entries(read))
        assert.deepEqual(value, state[field], `${type} ${field}`);
      assert.ok(!JSON.stringify(read).includes(key));
    }
  });

  it("a session's ASN may change, and what is used goes after what uses it", async () => {
    const { cloud, gateway, peer, tunnel, inside, session } = await ready();
    const made = await tunnel(0);
    await inside(0);
    const state = await session(0);
    const { id, ipAddress, managementType, project, ...inputs } = state;
    assert.ok([id, ipAddress, managementType, project].every((value) => typeof value === "string"));
    assert.equal(
      (await cloud.update("RouterPeer", state, { ...inputs, peerAsn: 4200000009 }))["peerAsn"],
      4200000009,
    );
    for (const [type, used] of [
      ["HaVpnGateway", gateway],
      ["ExternalVpnGateway", peer],
      [tunnelType, made],
    ] as const)
      await assert.rejects(cloud.remove(type, used), /in use/, type);
  });

  type Ready = Awaited<ReturnType<typeof ready>>;
  const phase = (change: Properties) => ({
    cipherSuite: { ...suite, phase1: { ...suite.phase1, ...change } },
  });
  for (const { what, says, act } of [
    {
      what: "one address where there are to be two",
      says: /TWO_IPS_REDUNDANCY must have the interfaces 0, 1/,
      act: ({ cloud }: Ready) =>
        cloud.make("ExternalVpnGateway", "x", {
          name: "x",
          redundancyType: "TWO_IPS_REDUNDANCY",
          interfaces: [{ id: 0, ipAddress: "203.0.113.10" }],
        }),
    },
    {
      what: "three addresses",
      says: /FOUR_IPS_REDUNDANCY must have the interfaces 0, 1, 2, 3/,
      act: ({ external }: Ready) => external("x", "203.0.113.1", "203.0.113.2", "203.0.113.3"),
    },
    {
      what: "IPv6 at an external VPN gateway",
      says: /no stand-in for the field "interfaces.0.ipv6Address"/,
      act: ({ cloud }: Ready) =>
        cloud.make("ExternalVpnGateway", "x", {
          name: "x",
          redundancyType: "SINGLE_IP_INTERNALLY_REDUNDANT",
          interfaces: [{ id: 0, ipAddress: "203.0.113.10", ipv6Address: "2001:db8::1" }],
        }),
    },
    {
      what: "a tunnel of an interface that the gateway has not",
      says: /vpnGatewayInterface/,
      act: ({ tunnel }: Ready) => tunnel(0, { vpnGatewayInterface: 2 }),
    },
    {
      what: "a tunnel to an interface that the peer has not",
      says: /no interface 1/,
      act: ({ tunnel }: Ready) => tunnel(0, { peerExternalGatewayInterface: 1 }),
    },
    {
      what: "a second tunnel from one interface to one address",
      says: /leads from interface 0 to 203\.0\.113\.10/,
      act: async ({ tunnel }: Ready) => {
        await tunnel(0);
        return tunnel(1, { vpnGatewayInterface: 0 });
      },
    },
    {
      what: "a tunnel without a Cloud Router",
      says: /need a Cloud Router/,
      act: ({ tunnel }: Ready) => tunnel(0, { router: undefined }),
    },
    {
      what: "a tunnel of a router that is not there",
      says: /router\.europe-west1\.other/,
      act: ({ tunnel }: Ready) => tunnel(0, { router: "other" }),
    },
    { what: "IKEv1", says: /IKEv1/, act: ({ tunnel }: Ready) => tunnel(0, { ikeVersion: 1 }) },
    {
      what: "Classic VPN",
      says: /Classic VPN/,
      act: ({ tunnel }: Ready) => tunnel(0, { vpnGateway: undefined, targetVpnGateway: "classic" }),
    },
    { what: "no key", says: /sharedSecret/, act: ({ tunnel }: Ready) => tunnel(0, { sharedSecret: "" }) },
    {
      what: "no suite, of which it would take all",
      says: /cipherSuite/,
      act: ({ tunnel }: Ready) => tunnel(0, { cipherSuite: undefined }),
    },
    {
      what: "a word in another case",
      says: /cipherSuite\.phase1\.encryptions/,
      act: ({ tunnel }: Ready) => tunnel(0, phase({ encryptions: ["aes-gcm-16-256"] })),
    },
    {
      what: "a PRF that it has not",
      says: /cipherSuite\.phase1\.prves/,
      act: ({ tunnel }: Ready) => tunnel(0, phase({ prves: ["PRF-HMAC-SHA1"] })),
    },
    {
      what: "a group that it has not",
      says: /cipherSuite\.phase1\.dhs/,
      act: ({ tunnel }: Ready) => tunnel(0, phase({ dhs: ["Group-17"] })),
    },
    {
      what: "an integrity beside AEAD",
      says: /no stand-in for the field/,
      act: ({ tunnel }: Ready) => tunnel(0, phase({ integrities: ["HMAC-SHA2-256-128"] })),
    },
    {
      what: "no forward secrecy",
      says: /cipherSuite\.phase2\.pfs/,
      act: ({ tunnel }: Ready) =>
        tunnel(0, { cipherSuite: { ...suite, phase2: { encryptions: ["AES-GCM-16-256"], pfs: [] } } }),
    },
    ...[
      { what: "that is not link-local", range: "10.0.0.1/30", says: /link-local/ },
      { what: "of another size", range: "169.254.6.1/29", says: /link-local/ },
      { what: "that is none", range: "169.254.999.1/30", says: /link-local/ },
      { what: "of the metadata server", range: "169.254.169.253/30", says: /metadata/ },
      { what: "with the network's own address", range: "169.254.6.0/30", says: /two addresses/ },
    ].map(({ what, range, says }) => ({
      what: `an inside address ${what}`,
      says,
      act: async ({ tunnel, inside }: Ready) => {
        await tunnel(0);
        return inside(0, { ipRange: range });
      },
    })),
    {
      what: "an inside network that another tunnel has",
      says: /overlaps/,
      act: async ({ tunnel, inside }: Ready) => {
        await tunnel(0);
        await tunnel(1);
        await inside(0);
        return inside(1, { ipRange: "169.254.6.2/30" });
      },
    },
    {
      what: "a second interface of one tunnel",
      says: /has the interface/,
      act: async ({ tunnel, inside }: Ready) => {
        await tunnel(0);
        await inside(0);
        return inside(1, { vpnTunnel: "tunnel-0" });
      },
    },
    {
      what: "an interface of a tunnel and of a subnetwork at once",
      says: /exactly one of/,
      act: ({ inside }: Ready) => inside(0, { subnetwork: "workloads", privateIpAddress: "10.20.128.2" }),
    },
    {
      what: "an interface of a tunnel without an address",
      says: /exactly one of/,
      act: ({ inside }: Ready) => inside(0, { ipRange: undefined }),
    },
    {
      what: "a peer that is in another network",
      says: /within the interface's range/,
      act: async ({ tunnel, inside, session }: Ready) => {
        await tunnel(0);
        await inside(0);
        return session(0, { peerIpAddress: "169.254.6.6" });
      },
    },
    {
      what: "a peer with the router's own address",
      says: /no other address/,
      act: async ({ tunnel, inside, session }: Ready) => {
        await tunnel(0);
        await inside(0);
        return session(0, { peerIpAddress: "169.254.6.1" });
      },
    },
    {
      what: "a peer with the router's own ASN",
      says: /different from the local ASN/,
      act: async ({ tunnel, inside, session }: Ready) => {
        await tunnel(0);
        await inside(0);
        return session(0, { peerAsn: 4200002000 });
      },
    },
    {
      what: "a machine as the peer inside of a tunnel",
      says: /no router appliance/,
      act: async ({ tunnel, inside, session }: Ready) => {
        await tunnel(0);
        await inside(0);
        return session(0, { routerApplianceInstance: "machine" });
      },
    },
    {
      what: "ranges of a router that tells its subnets",
      says: /custom advertise mode/,
      act: ({ cloud, router }: Ready) =>
        cloud.make("Router", "x", {
          ...router,
          name: "x",
          bgp: { ...router.bgp, advertiseMode: "DEFAULT" },
        }),
    },
  ])
    it(`refuses ${what}`, async () => {
      const made = await ready();
      await assert.rejects(
        async () => act(made),
        (error: Error) => {
          assert.match(error.message, says);
          assert.ok(!error.message.includes(key));
          return true;
        },
      );
    });
});

function interfaces(gateway: Properties): unknown[] {
  const found = gateway["vpnInterfaces"];
  assert.ok(Array.isArray(found));
  return found.map((one: { readonly ipAddress?: unknown }) => one.ipAddress);
}
