import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { objectsOf } from "../../../../lab/world/world";
import { region } from "./region";

const key = "key.that.Azure.takes.43.characters.long.xxx";
const policy = {
  ikeEncryption: "GCMAES256",
  ikeIntegrity: "SHA384",
  dhGroup: "ECP384",
  ipsecEncryption: "GCMAES256",
  ipsecIntegrity: "GCMAES256",
  pfsGroup: "ECP384",
  saLifeTimeSeconds: 27000,
  saDataSizeKilobytes: 102400000,
};

/** A network with its GatewaySubnet and two addresses; what a gateway, a peer and a connection are made of. */
async function ready(cidr = "10.30.1.0/27") {
  const made = await region();
  const { cloud, place, group, subnet, address } = made;
  const home = await subnet("GatewaySubnet", cidr);
  const outside = [await address("one", {}), await address("two", {})];
  const id = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${group.resourceGroupName}/providers/Microsoft.Network/virtualNetworkGateways/vpn`;
  const names = ["instance-0", "instance-1"];
  const gatewayOf = (change: Properties = {}, at: Properties = home) => ({
    ...place,
    virtualNetworkGatewayName: "vpn",
    gatewayType: "Vpn",
    vpnType: "RouteBased",
    sku: { name: "VpnGw1AZ", tier: "VpnGw1AZ" },
    activeActive: true,
    enableBgp: true,
    ipConfigurations: names.map((name, index) => ({
      name,
      subnet: { id: at["id"] },
      publicIPAddress: { id: outside[index]?.["id"] },
    })),
    bgpSettings: bgp(),
    ...change,
  });
  const bgp = (asn = 4200002000, insides = ["169.254.21.5", "169.254.21.6"], of = id) => ({
    asn,
    bgpPeeringAddresses: insides.map((inside, index) => ({
      ipconfigurationId: `${of}/ipConfigurations/${names[index] ?? ""}`,
      customBgpIpAddresses: [inside],
    })),
  });
  const gateway = (change: Properties = {}, at: Properties = home) =>
    cloud.make("VirtualNetworkGateway", "vpn", gatewayOf(change, at));
  const peer = (name: string, change: Properties = {}) =>
    cloud.make("LocalNetworkGateway", name, {
      ...place,
      localNetworkGatewayName: name,
      gatewayIpAddress: `203.0.113.${String(name.length)}`,
      bgpSettings: { asn: 4200000001, bgpPeeringAddress: `169.254.6.${String(name.length)}` },
      ...change,
    });
  const connectionOf = (name: string, to: Properties, change: Properties = {}) => ({
    ...place,
    virtualNetworkGatewayConnectionName: name,
    connectionType: "IPsec",
    connectionProtocol: "IKEv2",
    connectionMode: "ResponderOnly",
    virtualNetworkGateway1: { id },
    localNetworkGateway2: { id: to["id"] },
    enableBgp: true,
    gatewayCustomBgpIpAddresses: ["169.254.21.5", "169.254.21.6"].map((customBgpIpAddress, index) => ({
      customBgpIpAddress,
      ipConfigurationId: `${id}/ipConfigurations/${names[index] ?? ""}`,
    })),
    ipsecPolicies: [policy],
    dpdTimeoutSeconds: 45,
    sharedKey: key,
    ...change,
  });
  const connection = (name: string, to: Properties, change: Properties = {}) =>
    cloud.make("VirtualNetworkGatewayConnection", name, connectionOf(name, to, change));
  return { ...made, home, outside, id, bgp, gatewayOf, gateway, peer, connection, connectionOf };
}
type Ready = Awaited<ReturnType<typeof ready>>;

describe("the lab's Azure, VPN gateways", () => {
  it("have two instances and a connection with each peer, found as they were made, and tell nobody a key", async () => {
    const { cloud, gateway, peer, connection } = await ready();
    const made = await gateway();
    const one = await peer("a");
    const other = await connection("a", one);
    for (const [type, state] of [
      ["VirtualNetworkGateway", made],
      ["LocalNetworkGateway", one],
      ["VirtualNetworkGatewayConnection", other],
    ] as const) {
      const read = await cloud.read(type, state);
      assert.ok(read !== undefined, type);
      for (const [field, value] of Object.entries(read)) assert.deepEqual(value, state[field], field);
      assert.ok(!JSON.stringify(read).includes(key));
    }
    const [found] = objectsOf(cloud.world, "virtualNetworkGateway");
    assert.deepEqual(
      found?.instances.map(({ inside }) => inside),
      ["169.254.21.5", "169.254.21.6"],
    );
    assert.equal(objectsOf(cloud.world, "gatewayConnection")[0]?.presharedKey, key);
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("a key, a peer's address and a gateway's SKU may change, and what is used goes after what uses it", async () => {
    const { cloud, gateway, gatewayOf, peer, connection, connectionOf, outside, place } = await ready();
    const made = await gateway();
    const one = await peer("a");
    const other = await connection("a", one);
    const changed = connectionOf("a", one, { sharedKey: `${key}.new` });
    await cloud.update("VirtualNetworkGatewayConnection", other, changed);
    assert.equal(objectsOf(cloud.world, "gatewayConnection")[0]?.presharedKey, `${key}.new`);
    await cloud.update(
      "VirtualNetworkGateway",
      made,
      gatewayOf({ sku: { name: "VpnGw4AZ", tier: "VpnGw4AZ" } }),
    );
    assert.equal(objectsOf(cloud.world, "virtualNetworkGateway")[0]?.mostConnections, 100);
    await cloud.update("LocalNetworkGateway", one, {
      ...place,
      localNetworkGatewayName: "a",
      gatewayIpAddress: "203.0.113.99",
      bgpSettings: { asn: 4200000001, bgpPeeringAddress: "169.254.6.1" },
    });
    assert.equal(objectsOf(cloud.world, "localNetworkGateway")[0]?.address, "203.0.113.99");
    await assert.rejects(cloud.remove("LocalNetworkGateway", one), /in use/);
    await assert.rejects(cloud.remove("VirtualNetworkGateway", made), /in use/);
    await assert.rejects(cloud.remove("PublicIPAddress", outside[0] ?? {}), /can not be deleted/);
  });

  const connected = (change: Properties) => async (made: Ready) => {
    await made.gateway();
    return made.connection("a", await made.peer("a"), change);
  };
  const withPolicy = (change: Properties) => connected({ ipsecPolicies: [{ ...policy, ...change }] });
  const { pfsGroup, ...incomplete } = policy;
  assert.equal(pfsGroup, "ECP384");
  for (const { what, says, act } of [
    ...["Basic", "VpnGw1", "ErGw1AZ"].map((sku) => ({
      what: `the SKU ${sku}`,
      says: /VpnGw1AZ to VpnGw5AZ/,
      act: ({ gateway }: Ready) => gateway({ sku: { name: sku, tier: sku } }),
    })),
    {
      what: "a SKU whose tier is another",
      says: /differ/,
      act: ({ gateway }) => gateway({ sku: { name: "VpnGw1AZ", tier: "VpnGw2AZ" } }),
    },
    {
      what: "one IP configuration of an active-active gateway",
      says: /needs two IP configurations/,
      act: ({ gateway, gatewayOf }) =>
        gateway({ ipConfigurations: gatewayOf().ipConfigurations.slice(0, 1) }),
    },
    {
      what: "a gateway in a subnet of another name",
      says: /only in a subnet named GatewaySubnet/,
      act: ({ gateway, gateways }) => gateway({}, gateways),
    },
    {
      what: "one public address for both instances",
      says: /both instances have/,
      act: ({ gateway, gatewayOf, outside }) =>
        gateway({
          ipConfigurations: gatewayOf().ipConfigurations.map((one) => ({
            ...one,
            publicIPAddress: { id: outside[0]?.["id"] },
          })),
        }),
    },
    {
      what: "a second VPN gateway of a network",
      says: /has the VPN gateway/,
      act: async ({ gateway, gatewayOf, cloud, address, home, id, bgp }) => {
        await gateway();
        const more = [await address("three", {}), await address("four", {})];
        return cloud.make("VirtualNetworkGateway", "more", {
          ...gatewayOf({ virtualNetworkGatewayName: "more" }),
          bgpSettings: bgp(4200002000, ["169.254.21.9", "169.254.21.10"], id.replace(/vpn$/, "more")),
          ipConfigurations: more.map((one, index) => ({
            name: `instance-${String(index)}`,
            subnet: { id: home["id"] },
            publicIPAddress: { id: one["id"] },
          })),
        });
      },
    },
    {
      what: "custom BGP addresses of another gateway's configurations",
      says: /another gateway's id/,
      act: ({ gateway, bgp }) => gateway({ bgpSettings: bgp(4200002000, undefined, "/subscriptions/x") }),
    },
    ...["169.254.20.255", "169.254.23.0", "10.0.0.1"].map((inside) => ({
      what: `the custom BGP address ${inside}`,
      says: /169\.254\.21\.0 to 169\.254\.22\.255/,
      act: ({ gateway, bgp }: Ready) => gateway({ bgpSettings: bgp(4200002000, [inside, "169.254.21.6"]) }),
    })),
    {
      what: "one custom BGP address for both instances",
      says: /are no two addresses/,
      act: ({ gateway, bgp }) => gateway({ bgpSettings: bgp(4200002000, ["169.254.21.5", "169.254.21.5"]) }),
    },
    ...[8074, 8075, 12076, 65515, 65517, 65520, 23456, 64496, 65535, 65551].flatMap((asn) => [
      {
        what: `the ASN ${String(asn)} of a gateway`,
        says: /is reserved by (Azure|IANA)/,
        act: ({ gateway, bgp }: Ready) => gateway({ bgpSettings: bgp(asn) }),
      },
      {
        what: `the ASN ${String(asn)} of a peer`,
        says: /is reserved by (Azure|IANA)/,
        act: ({ peer }: Ready) => peer("a", { bgpSettings: { asn, bgpPeeringAddress: "169.254.6.2" } }),
      },
    ]),
    {
      what: "a peer with its public address inside",
      says: /own public address/,
      act: ({ peer }) => peer("a", { bgpSettings: { asn: 4200000001, bgpPeeringAddress: "203.0.113.1" } }),
    },
    {
      what: "a peer with the gateway's own ASN",
      says: /VPN gateway's own ASN/,
      act: async ({ gateway, peer, connection }) => {
        await gateway();
        return connection(
          "a",
          await peer("a", { bgpSettings: { asn: 4200002000, bgpPeeringAddress: "169.254.6.2" } }),
        );
      },
    },
    { what: "no policy", says: /one policy/, act: connected({ ipsecPolicies: [] }) },
    { what: "two policies", says: /one policy/, act: connected({ ipsecPolicies: [policy, policy] }) },
    {
      what: "a policy that lacks a field",
      says: /pfsGroup/,
      act: connected({ ipsecPolicies: [incomplete] }),
    },
    ...[
      { ikeEncryption: "CHACHA20" },
      { ikeIntegrity: "SHA512" },
      { dhGroup: "ECP521" },
      { pfsGroup: "ECP521" },
      { ipsecEncryption: "AES512" },
      { ipsecIntegrity: "SHA384" },
      { saLifeTimeSeconds: 299 },
      { saDataSizeKilobytes: 1023 },
    ].map((change) => ({
      what: `a policy with ${JSON.stringify(change)}`,
      says: new RegExp(Object.keys(change)[0] ?? ""),
      act: withPolicy(change),
    })),
    {
      what: "GCM with another word beside it",
      says: /must be the same/,
      act: withPolicy({ ipsecIntegrity: "SHA256" }),
    },
    ...["with space", "with-hyphen", "with~tilde", "", "a".repeat(129)].map((sharedKey) => ({
      what: `the key ${JSON.stringify(sharedKey.slice(0, 12))} of ${String(sharedKey.length)}`,
      says: /InvalidSharedKey/,
      act: connected({ sharedKey }),
    })),
    ...[8, 3601].map((dpdTimeoutSeconds) => ({
      what: `a DPD timeout of ${String(dpdTimeoutSeconds)} s`,
      says: /9 to 3600/,
      act: connected({ dpdTimeoutSeconds }),
    })),
    {
      what: "a connection that names no custom BGP addresses",
      says: /one custom BGP address of each instance/,
      act: connected({ gatewayCustomBgpIpAddresses: [] }),
    },
    {
      what: "an address space of a peer, which has no stand-in",
      says: /no stand-in for the field "localNetworkAddressSpace"/,
      act: ({ peer }) => peer("a", { localNetworkAddressSpace: { addressPrefixes: ["10.1.0.0/16"] } }),
    },
    {
      what: "two connections with one peer",
      says: /leads to/,
      act: async ({ gateway, peer, connection }) => {
        await gateway();
        const one = await peer("a");
        await connection("a", one);
        return connection("b", one);
      },
    },
    {
      what: "two peers with one address inside",
      says: /has a peer/,
      act: async ({ gateway, peer, connection }) => {
        await gateway();
        await connection("a", await peer("a"));
        const same = { bgpSettings: { asn: 4200000001, bgpPeeringAddress: "169.254.6.1" } };
        return connection("bb", await peer("bb", same));
      },
    },
    {
      what: "more connections than its SKU carries",
      says: /has 30 connections/,
      act: async ({ gateway, peer, connection }) => {
        await gateway();
        for (let index = 1; index <= 31; index += 1) {
          const name = "a".repeat(index);
          await connection(name, await peer(name));
        }
      },
    },
    {
      what: "a machine's interface in its subnet",
      says: /GatewaySubnet is a gateway's own/,
      act: ({ cloud, card, configuration, home }) =>
        cloud.make("NetworkInterface", "b-card", {
          ...card,
          ipConfigurations: [{ ...configuration, subnet: { id: home["id"] }, privateIPAddress: "10.30.1.5" }],
        }),
    },
  ] satisfies readonly { what: string; says: RegExp; act: (made: Ready) => Promise<unknown> }[])
    it(`refuses ${what}`, async () => {
      await assert.rejects(act(await ready()), says);
    });

  it("refuses a GatewaySubnet that is too small", async () => {
    const { gateway } = await ready("10.30.1.0/28");
    await assert.rejects(gateway(), /GatewaySubnet must be a \/27 or larger/);
  });
});
