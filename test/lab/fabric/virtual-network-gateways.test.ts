import assert from "node:assert/strict";
import { linkDevice, tableNumber } from "../../../lab/fabric/names";
import { scriptBetween } from "../../../lab/fabric/piece";
import {
  instanceNamespace,
  proposalsOf,
  virtualNetworkGatewaySites,
} from "../../../lab/fabric/site-to-site/azure";
import { vpnDevice, vpnUplinks } from "../../../lab/fabric/site-to-site/pieces";
import { virtualNetworkGatewayPieces } from "../../../lab/fabric/virtual-network-gateways";
import type { World, WorldObject } from "../../../lab/world/model";
import type { GatewayConnection, VirtualNetworkGateway } from "../../../lab/world/virtual-network-gateway";
import { emptyWorld, putObject } from "../../../lab/world/world";

const network = "vnet.acme-weu.net";
const table = `routes.${network}`;
const gateway: VirtualNetworkGateway = {
  kind: "virtualNetworkGateway",
  id: "vpn.acme-weu.vpn",
  name: "vpn",
  subnet: "subnet.acme-weu.net.gatewaysubnet",
  asn: 4200002000,
  mostConnections: 30,
  instances: [
    { publicAddress: "ip.acme-weu.0", inside: "169.254.21.5" },
    { publicAddress: "ip.acme-weu.1", inside: "169.254.21.6" },
  ],
};
const policy: GatewayConnection["policy"] = {
  ikeEncryption: "GCMAES256",
  ikeIntegrity: "SHA384",
  dhGroup: "ECP384",
  ipsecEncryption: "GCMAES256",
  ipsecIntegrity: "GCMAES256",
  pfsGroup: "ECP384",
  saLifeTimeSeconds: 27000,
};
const base: readonly WorldObject[] = [
  {
    kind: "network",
    id: network,
    name: "net",
    cloud: "azure",
    cloudRegion: "westeurope",
    cidrs: ["10.20.0.0/16"],
  },
  { kind: "routeTable", id: table, name: "routes", network, routes: [], propagatedFrom: [] },
  {
    kind: "subnet",
    id: gateway.subnet,
    name: "GatewaySubnet",
    network,
    zone: "westeurope",
    cidr: "10.20.0.0/27",
    routeTable: table,
  },
  ...[0, 1].map((index): WorldObject => ({
    kind: "publicAddress",
    id: `ip.acme-weu.${String(index)}`,
    name: String(index),
    address: `198.18.0.${String(index + 1)}`,
  })),
  gateway,
];
const peers = ["a", "b"].flatMap((peer, place): WorldObject[] => [
  {
    kind: "localNetworkGateway",
    id: `peer-vpn.acme-weu.${peer}`,
    name: peer,
    address: `198.18.1.${String(place + 1)}`,
    asn: 4200000001,
    inside: `169.254.6.${String(8 * place + 2)}`,
  },
  {
    kind: "gatewayConnection",
    id: `connection.acme-weu.${peer}`,
    name: peer,
    gateway: gateway.id,
    peer: `peer-vpn.acme-weu.${peer}`,
    presharedKey: `secret.of.${peer}`,
    policy,
    dpdTimeoutSeconds: 45,
  },
]);
const worldOf = (objects: readonly WorldObject[]): World => objects.reduce(putObject, emptyWorld());
const without = worldOf(base);
const world = worldOf([...base, ...peers]);
const script = (from: World, to: World) =>
  scriptBetween(virtualNetworkGatewayPieces(from), virtualNetworkGatewayPieces(to));
const instances = [0, 1].map((index) => instanceNamespace(gateway, index));

describe("Azure's ends of VPN connections in the fabric", () => {
  it("offer the one proposal that a policy is, beside GCM the hash as the PRF alone", () => {
    assert.deepEqual(proposalsOf(policy), {
      ike: "aes256gcm16-prfsha384-ecp384",
      esp: "aes256gcm16-ecp384",
    });
    assert.deepEqual(
      proposalsOf({
        ...policy,
        ikeEncryption: "AES128",
        ikeIntegrity: "SHA256",
        dhGroup: "DHGroup14",
        ipsecEncryption: "AES256",
        ipsecIntegrity: "SHA256",
        pfsGroup: "PFS24",
      }),
      { ike: "aes128-sha256-prfsha256-modp2048", esp: "aes256-sha256-modp2048s256" },
    );
    // No forward secrecy.
    assert.equal(proposalsOf({ ...policy, pfsGroup: "None" }).esp, "aes256gcm16");
  });

  it("have Azure's lifetimes, never call, and wait for BGP without BFD by 180 s", () => {
    const sites = virtualNetworkGatewaySites(world, gateway);
    assert.deepEqual(
      sites.map(({ namespace, ends }) => [
        namespace,
        ends.map(({ address, inside }) => [address, inside.own]),
      ]),
      instances.map((namespace, index) => {
        const end = [`198.18.0.${String(index + 1)}`, `169.254.21.${String(index + 5)}`];
        return [namespace, [end, end]];
      }),
    );
    for (const { ends, habits } of sites) {
      assert.equal(habits.calls, "never");
      for (const { ike, esp, lines, inside } of ends) {
        assert.deepEqual([ike.lifeSeconds, esp.lifeSeconds], [28_800, 27_000]);
        assert.ok(ike.rekeySeconds + ike.randomSeconds <= ike.lifeSeconds);
        for (const line of ["timers 60 180", "passive", "disable-connected-check"])
          assert.ok(lines.includes(`neighbor ${inside.router} ${line}`), line);
        assert.ok(!lines.some((line) => line.includes("bfd")));
      }
    }
    assert.match(script(without, world), /start_action = none/);
  });

  it("are nothing while there is no connection", () => {
    assert.deepEqual(virtualNetworkGatewayPieces(without), []);
    assert.deepEqual(vpnUplinks(without), []);
    assert.equal(vpnDevice(without, "198.18.0.1"), undefined);
  });

  it("stand each in a namespace of its own, with one address inside of all of its tunnels, that shares no network", () => {
    const text = script(without, world);
    for (const [index, namespace] of instances.entries()) {
      assert.doesNotMatch(namespace, /\./);
      assert.equal(text.split(`netns add ${namespace}\n`).length, 2);
      assert.equal(text.split(`addr add 198.18.0.${String(index + 1)}/32 dev lo`).length, 2);
      assert.equal(text.split(`addr add 169.254.21.${String(index + 5)}/32 dev `).length, 3);
      assert.notEqual(vpnDevice(world, `198.18.0.${String(index + 1)}`), undefined);
    }
    assert.equal(text.split(" type xfrm if_id ").length, 5);
    assert.equal(vpnUplinks(world).length, 2);
  });

  it("tell others of the network, and have its table lead to each instance that hears a way", () => {
    const text = script(without, world);
    const told: unknown = JSON.parse(/^\{"namespace":"vnet.*$/m.exec(text)?.[0] ?? "{}");
    const [first, second] = virtualNetworkGatewaySites(world, gateway);
    assert.deepEqual(told, {
      namespace: network,
      tables: [String(tableNumber(table))],
      most: 4000,
      spread: true,
      ways: Object.fromEntries(
        instances.map((namespace) => [namespace, `via 169.254.1.1 dev ${linkDevice(namespace)} onlink`]),
      ),
      endpoints: [first, second].map((site, index) => ({
        id: site?.namespace,
        stands: true,
        address: `169.254.21.${String(index + 5)}`,
        asn: gateway.asn,
        lines: ["maximum-paths 64", "no bgp network import-check", "network 10.20.0.0/16"],
        peers: site?.ends.map(({ name, inside, lines }) => ({
          address: inside.router,
          ipv6: null,
          asn: 4200000001,
          device: linkDevice(name),
          lines,
        })),
      })),
    });
  });

  it("keep the keys in files for root alone, and in the name of no piece", () => {
    const holding = virtualNetworkGatewayPieces(world).filter(({ up }) =>
      JSON.stringify(up).includes("secret.of."),
    );
    assert.deepEqual(
      holding.map(({ key }) => key),
      instances.map((namespace) => `vpn charon ${namespace}`),
    );
    for (const { up } of holding) assert.match(JSON.stringify(up), /umask 077/);
    assert.ok(!virtualNetworkGatewayPieces(world).some(({ key }) => key.includes("secret")));
  });

  it("go with the last connection, and take one away from beside the others", () => {
    const left = worldOf([...base, ...peers.slice(0, -2)]);
    const text = script(world, left);
    assert.doesNotMatch(text, /netns del|addr del 198/);
    assert.equal(text.split("link del dev ").length, 3);
    for (const namespace of instances)
      assert.match(script(world, without), new RegExp(`netns del ${namespace}`));
  });
});
