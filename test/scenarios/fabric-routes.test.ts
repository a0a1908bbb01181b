import assert from "node:assert/strict";
import type { LabClient } from "../../lab/client/client";
import type { Interface, Machine, WorldObject } from "../../lab/world/model";
import { aggregate } from "../../fleet/aggregate";
import { type Cidr, formatCidr, parseCidr } from "../../fleet/cidr";
import { original } from "../lab/contract";
import { gatewayMachine, twoNetworks, west, withoutIpv6 } from "../lab/two-networks";
import { asking, labWith } from "./fabric-lab";

const second = { machine: "i-west-b", interface: "eni-west-b", address: "10.10.0.5" };
const endpoints = [
  { id: "rse-west-1", address: "10.10.0.21" },
  { id: "rse-west-2", address: "10.10.0.22" },
];
const away = "10.77.0.0/16";
/** More than a route service takes of one peer. */
const many = networks("10.78", 101);
const inside = "10.77.0.1";

function networks(block: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${block}.${String(index)}.0/24`);
}

/** FRR's daemons as its own manual starts them, told what AWS's guide tells a route server peer. */
function speaker(address: string, med: number, prefixes: readonly string[]): string {
  const neighbors = endpoints.flatMap((endpoint) => [
    ` neighbor ${endpoint.address} remote-as 64999`,
    ` neighbor ${endpoint.address} ebgp-multihop 2`,
    ` neighbor ${endpoint.address} timers connect 2`,
    ` neighbor ${endpoint.address} bfd`,
  ]);
  return `
ip addr add ${inside}/32 dev lo
mkdir -p /run/frr && chown frr:frr /run/frr
for daemon in zebra bfdd bgpd; do : > /etc/frr/$daemon.conf; done
cat > /etc/frr/bgpd.conf <<'CONF'
bfd
 profile fast
  detect-multiplier 3
  transmit-interval 300
  receive-interval 300
router bgp 65010
 bgp router-id ${address}
 no bgp ebgp-requires-policy
 no bgp network import-check
${neighbors.join("\n")}
 address-family ipv4 unicast
${prefixes.map((prefix) => `  network ${prefix}`).join("\n")}
${endpoints.map((endpoint) => `  neighbor ${endpoint.address} route-map med out`).join("\n")}
route-map med permit 10
 set metric ${String(med)}
CONF
for daemon in zebra bfdd bgpd; do /usr/lib/frr/$daemon -d -A 127.0.0.1 -P 0 -f /etc/frr/$daemon.conf; done
`;
}

const service: readonly WorldObject[] = [
  { kind: "routeService", id: "rs-west", name: "rs", network: west.network, asn: 64999 },
  ...endpoints.map((endpoint): WorldObject => ({
    kind: "routeServiceEndpoint",
    name: endpoint.id,
    routeService: "rs-west",
    subnet: "subnet-west-public",
    ...endpoint,
  })),
  ...endpoints.flatMap(({ id }) =>
    [west.gatewayAddress, second.address].map((peerAddress): WorldObject => ({
      kind: "routeServicePeer",
      id: `${id}-${peerAddress}`,
      name: id,
      endpoint: id,
      peerAddress,
      peerAsn: 65010,
      liveness: "bfd",
    })),
  ),
  { ...original("routeTable", "rtb-west-private"), propagatedFrom: ["rs-west"] },
];

const until = asking(30);

describe("a route service in the kernels' lab", function () {
  let lab: LabClient;
  let end = () => Promise.resolve();

  before(async () => {
    const nic: Interface = {
      ...withoutIpv6(original("interface", west.gatewayInterface)),
      id: second.interface,
      address: second.address,
      mac: "02:00:0a:0a:00:05",
    };
    const machine: Machine = { ...gatewayMachine("west"), id: second.machine, interface: nic.id };
    ({ lab, end } = await labWith([...twoNetworks(), nic, ...service, gatewayMachine("west"), machine]));
  });
  after(() => end());

  const tables = async () => {
    const { stdout } = await lab.exec(west.network, [
      "ip",
      "-4",
      "route",
      "show",
      "table",
      "all",
      "proto",
      "186",
    ]);
    return stdout.trim().split("\n").filter(Boolean);
  };
  /** Which gateway the workload's packets for the far network arrive at: each answers for the address inside. */
  const answers = async () => (await lab.exec(west.workload, ["ping", "-c1", "-W1", inside])).code === 0;

  const inUnicast = ["configure terminal", "router bgp 65010", "address-family ipv4 unicast"];
  const vtysh = (machine: string, commands: readonly string[]) =>
    lab.exec(machine, ["vtysh", ...commands.flatMap((command) => ["-c", command])]);
  const announce = async (machine: string, prefixes: readonly string[], verb = "network"): Promise<void> => {
    const done = await vtysh(machine, [...inUnicast, ...prefixes.map((prefix) => `${verb} ${prefix}`)]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
  };

  it("has no route while nobody announces one", async () => {
    assert.deepEqual(await tables(), []);
    assert.equal(await answers(), false);
  });

  it("enters what a peer announces into the tables that hear it", async () => {
    const done = await lab.exec(west.gateway, ["sh", "-s"], {
      stdin: speaker(west.gatewayAddress, 100, [away]),
    });
    assert.equal(done.code, 0, done.stderr);
    const routes = await until(tables, (found) => found.length > 0);
    assert.equal(routes.length, 1, routes.join("\n"));
    assert.ok(routes[0]?.startsWith(away), routes[0]);
    assert.equal(await until(answers, Boolean), true);
  });

  it("an endpoint whose router dies is there again, with the routes", async () => {
    const pids = async () => {
      const words = ["pgrep", "-f", "bgpd -N rse-west"];
      return (await lab.exec("fabric", words)).stdout.trim().split("\n").filter(Boolean);
    };
    const before = await pids();
    assert.equal(before.length, 2);
    await lab.exec("fabric", ["kill", "-9", ...before]);
    const after = await until(pids, (now) => now.length === 2 && now.every((pid) => !before.includes(pid)));
    assert.equal(after.length, 2);
    await until(tables, (found) => found.length > 0);
    assert.equal(await until(answers, Boolean), true);
  });

  it("an endpoint's bfdd that has lost a peer is told of it again", async () => {
    const said = async (daemon: string, commands: readonly string[]) => {
      const words = commands.flatMap((command) => ["-c", command]);
      return (await lab.exec("fabric", ["vtysh", "-N", endpoints[0]?.id ?? "", "-d", daemon, ...words]))
        .stdout;
    };
    const known = () => said("bfdd", ["show bfd peers brief"]);
    const asn = /AS number (\d+)/.exec(await said("bgpd", ["show bgp summary"]))?.[1] ?? "";
    await until(known, (text) => text.includes(west.gatewayAddress));
    const forget = `no neighbor ${west.gatewayAddress} bfd`;
    const told = async () =>
      (await lab.exec("fabric", ["sh", "-c", "cat /run/fabric/*.log"])).stdout.match(/telling it again/g)
        ?.length ?? 0;
    const before = await told();
    await said("bgpd", ["configure terminal", `router bgp ${asn}`, forget]);
    // bgpd passes it on in its own time, and the service looks every few seconds.
    await until(told, (now) => now > before);
    await until(known, (text) => text.includes(west.gatewayAddress));
  });

  it("has one next hop for a prefix that both gateways announce: the lower MED's", async () => {
    const [before] = await tables();
    await lab.exec(second.machine, ["sh", "-s"], { stdin: speaker(second.address, 50, [away]) });
    const routes = await until(tables, ([first]) => first !== undefined && first !== before);
    assert.equal(routes.length, 1, routes.join("\n"));
    assert.equal(await until(answers, Boolean), true);
  });

  it("has one next hop for a prefix that both announce alike: no equal-cost routes", async () => {
    await vtysh(second.machine, ["configure terminal", "route-map med permit 10", "set metric 100"]);
    const [first] = endpoints;
    const words = ["vtysh", "-N", first?.id ?? "", "-c", `show bgp ipv4 unicast ${away} json`];
    const paths = async () =>
      (await lab.exec("fabric", words)).stdout.match(/"metric":\s*100\b/g)?.length ?? 0;
    await until(paths, (alike) => alike === 2);
    const kernel = ["ip", "-n", first?.id ?? "", "route", "show", "proto", "bgp"];
    const { stdout } = await lab.exec("fabric", kernel);
    assert.equal(stdout.match(/\bvia\b/g)?.length, 1, stdout);
    assert.equal((await tables()).length, 1);
    assert.equal(await until(answers, Boolean), true);
  });

  it("writes 100 routes and no more; what is in the table stays, and one that goes makes room", async () => {
    const before = await tables();
    const own = networks("10.88", 60);
    await announce(second.machine, own);
    await until(tables, (routes) => routes.length === 61);
    await announce(west.gateway, networks("10.79", 60));
    const full = await until(tables, (routes) => routes.length === 100);
    for (const route of [...before.map((line) => line.split(" ")[0] ?? ""), ...own])
      assert.ok(
        full.some((line) => line.startsWith(`${route} `)),
        route,
      );
    await announce(second.machine, own, "no network");
    await until(tables, (routes) => routes.length === 61);
    await announce(west.gateway, networks("10.79", 60), "no network");
    await until(tables, (routes) => routes.length === 1);
  });

  it("ends the session of a peer that announces 101 routes, and takes none of them", async () => {
    // One is announced already.
    await announce(second.machine, many.slice(0, 100));
    for (const { address } of endpoints) {
      const said = async () => (await vtysh(second.machine, [`show bgp neighbors ${address}`])).stdout;
      await until(said, (text) => text.includes("Maximum Number of Prefixes Reached"));
      assert.doesNotMatch(await said(), /BGP state = Established/);
    }
    const [route, ...others] = await until(tables, (routes) => routes.length === 1);
    assert.deepEqual(others, []);
    assert.ok(route?.startsWith(away), route);
    assert.equal(await until(answers, Boolean), true);
  });

  it("takes the same 101 as aggregates, and each of them is reached", async () => {
    const parts = many.map(parseCidr).filter((cidr): cidr is Cidr => typeof cidr === "object");
    const prefixes = aggregate(parts, { most: 100, avoid: [], within: [] }).map(formatCidr);
    assert.deepEqual(prefixes, ["10.78.0.0/18", "10.78.64.0/19", "10.78.96.0/22", "10.78.100.0/24"]);
    const addresses = many.map((network) => network.replace(/0\/24$/, "1"));
    const add = addresses.map((address) => `ip addr add ${address}/32 dev lo`).join("\n");
    assert.equal((await lab.exec(west.gateway, ["sh", "-se"], { stdin: add })).code, 0);
    await vtysh(west.gateway, [
      ...inUnicast,
      ...prefixes
        .filter((prefix) => !many.includes(prefix))
        .map((prefix) => `aggregate-address ${prefix} summary-only`),
    ]);
    await announce(west.gateway, many);
    const routes = await until(tables, (found) => found.length === 1 + prefixes.length);
    for (const prefix of prefixes)
      assert.ok(
        routes.some((line) => line.startsWith(prefix)),
        prefix,
      );
    const pings = addresses.map((address) => `ping -c1 -W5 -q ${address} > /dev/null || echo ${address}`);
    const { stdout } = await lab.exec(west.workload, ["sh", "-s"], { stdin: pings.join("\n") });
    assert.deepEqual(stdout.trim().split("\n").filter(Boolean), []);
    await announce(west.gateway, many, "no network");
    await until(tables, (found) => found.length === 1);
  });

  it("hears a peer again that is made anew, and prefers it by its MED", async () => {
    const [before] = await tables();
    await announce(second.machine, many.slice(0, 100), "no network");
    await vtysh(second.machine, ["configure terminal", "route-map med permit 10", "set metric 50"]);
    const peers = service.filter(({ id }) => id.endsWith(second.address));
    for (const { kind, id } of peers) await lab.remove(kind, id);
    // As a cloud's provider waits for a deletion: a service that has not looked yet sees nothing new in the same peer.
    const sessions = async () =>
      (
        await Promise.all(
          endpoints.map(({ id }) => lab.exec("fabric", ["vtysh", "-N", id, "-c", "show bgp summary"])),
        )
      )
        .map(({ stdout }) => stdout)
        .join("");
    await until(sessions, (text) => !text.includes(second.address));
    for (const peer of peers) await lab.put(peer);
    await until(tables, ([first, ...others]) => first !== before && others.length === 0);
    assert.equal(await until(answers, Boolean), true);
  });

  it("turns to the survivor when a gateway loses its power, by BFD", async () => {
    // A peer that was made anew has its routes before it has BFD.
    const watched = () => lab.exec(second.machine, ["vtysh", "-c", "show bfd peers brief"]);
    await until(watched, ({ stdout }) => (stdout.match(/\bup\b/g) ?? []).length === endpoints.length);
    const [before] = await tables();
    const since = Date.now();
    await lab.power(second.machine, "off");
    const [after, ...others] = await until(tables, ([route]) => route !== undefined && route !== before);
    assert.deepEqual(others, [], after);
    assert.equal(await until(answers, Boolean), true);
    // BGP's hold time alone would be 180 s.
    assert.ok(Date.now() - since < 60_000);
  });

  it("hears nobody who is no peer", async () => {
    const peer = `${endpoints[0]?.id ?? ""}-${west.gatewayAddress}`;
    const other = `${endpoints[1]?.id ?? ""}-${west.gatewayAddress}`;
    await lab.remove("routeServicePeer", peer);
    await lab.remove("routeServicePeer", other);
    assert.deepEqual(await until(tables, (routes) => routes.length === 0, 10), []);
  });

  it("leaves nothing behind", async () => {
    for (const { kind, id } of [...service].reverse())
      if (kind !== "routeTable") await lab.remove(kind, id).catch(() => undefined);
    await lab.put(original("routeTable", "rtb-west-private"));
    for (const { kind, id } of [...service].reverse()) if (kind !== "routeTable") await lab.remove(kind, id);
    const left = async () =>
      (await lab.exec("fabric", ["sh", "-c", "ip netns list; ls /run/fabric; ps ax"])).stdout;
    // The service ends its daemons after its own word.
    await until(left, (text) => !/rse-west|bgpd|rs-west\.json/.test(text));
  });
});
