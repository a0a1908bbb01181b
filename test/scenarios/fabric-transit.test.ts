import assert from "node:assert/strict";
import type { LabClient } from "../../lab/client/client";
import type { Interface, Machine, Subnet, Workload, WorldObject } from "../../lab/world/model";
import { original } from "../lab/contract";
import { gatewayMachine, twoNetworks, west, withoutIpv6 } from "../lab/two-networks";
import { asking, labWith } from "./fabric-lab";

const second = { machine: "i-west-b", interface: "eni-west-b", address: "10.10.0.5" };
const transit = "tgw-west";
const own = "192.0.2.0/24";
const peers = [
  { machine: west.gateway, address: west.gatewayAddress, end: "192.0.2.1", third: 0 },
  { machine: second.machine, address: second.address, end: "192.0.2.2", third: 8 },
] as const;
const away = "10.77.0.0/16";
const inside = "10.77.0.1";
const elsewhere = "w-west-elsewhere";

/** An appliance as AWS' guide has it: GRE, and FRR that speaks with both addresses of the transit gateway's. */
function appliance({ address, end, third }: (typeof peers)[number]): string {
  const at = (host: number) => `169.254.100.${String(third + host)}`;
  const neighbors = [2, 3].flatMap((host) => [
    ` neighbor ${at(host)} remote-as 64999`,
    ` neighbor ${at(host)} ebgp-multihop 2`,
    ` neighbor ${at(host)} timers connect 2`,
  ]);
  return `
ip link add transit type gre local ${address} remote ${end} ttl 64
ip addr add ${at(1)}/29 dev transit
ip link set transit mtu 1456 up
ip addr add ${inside}/32 dev lo
mkdir -p /run/frr && chown frr:frr /run/frr
for daemon in zebra bgpd; do : > /etc/frr/$daemon.conf; done
cat > /etc/frr/bgpd.conf <<'CONF'
router bgp 65010
 bgp router-id ${address}
 no bgp ebgp-requires-policy
 no bgp network import-check
 timers bgp 10 30
${neighbors.join("\n")}
 address-family ipv4 unicast
  network ${away}
  neighbor ${at(2)} route-map path out
  neighbor ${at(3)} route-map path out
route-map path permit 10
CONF
for daemon in zebra bgpd; do /usr/lib/frr/$daemon -d -A 127.0.0.1 -P 0 -f /etc/frr/$daemon.conf; done
`;
}

const gatewayFirewall = original("firewall", "sg-west-gateway");
const table = original("routeTable", "rtb-west-private");
const world: readonly WorldObject[] = [
  { kind: "transitGateway", id: transit, name: transit, cloudRegion: "us-east-1", asn: 64999, cidrs: [own] },
  {
    kind: "transitAttachment",
    id: "tgw-attach-west",
    name: "west",
    transitGateway: transit,
    network: west.network,
    subnets: ["subnet-west-public"],
  },
  { kind: "transitConnect", id: "tgw-attach-connect", name: "connect", transport: "tgw-attach-west" },
  ...peers.map(({ machine, address, end, third }): WorldObject => ({
    kind: "transitConnectPeer",
    id: `tgw-connect-peer-${machine}`,
    name: machine,
    connect: "tgw-attach-connect",
    address: end,
    peerAddress: address,
    peerAsn: 65010,
    inside: `169.254.100.${String(third)}/29`,
  })),
];
const around: readonly WorldObject[] = [
  {
    ...gatewayFirewall,
    rules: [
      ...gatewayFirewall.rules,
      { id: "sgr-gre", direction: "ingress", protocol: "gre", peer: { cidr: own } },
    ],
  },
  { ...table, routes: [{ cidr: away, target: { transitGateway: transit } }] },
  {
    ...original("routeTable", "rtb-west-public"),
    routes: [
      ...original("routeTable", "rtb-west-public").routes,
      { cidr: own, target: { transitGateway: transit } },
    ],
  },
];

const until = asking(60);

describe("a transit gateway in the kernels' lab", function () {
  this.timeout(240_000);
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
    const subnet: Subnet = {
      ...withoutIpv6(original("subnet", "subnet-west-private")),
      id: "subnet-west-elsewhere",
      cidr: "10.10.129.0/24",
      zone: "us-east-1b",
    };
    const far: Interface = {
      ...withoutIpv6(original("interface", west.workloadInterface)),
      id: "eni-elsewhere",
      subnet: subnet.id,
      address: "10.10.129.4",
      mac: "02:00:0a:0a:81:04",
    };
    const workload: Workload = { kind: "workload", id: elsewhere, name: elsewhere, interface: far.id };
    ({ lab, end } = await labWith([
      ...twoNetworks(),
      ...[nic, subnet, far, workload],
      ...world,
      ...around,
      gatewayMachine("west"),
      machine,
    ]));
  });
  after(() => end());

  /** How many ways the transit gateway has for a prefix. */
  const ways = async (prefix = away) => {
    const { stdout } = await lab.exec("fabric", ["ip", "-n", transit, "-json", "route", "show", prefix]);
    const [route] = JSON.parse(stdout || "[]");
    return route === undefined ? 0 : (route.nexthops?.length ?? 1);
  };
  const answers = async (from: string = west.workload, ...words: readonly string[]) =>
    (await lab.exec(from, ["ping", "-c1", "-W1", ...words, inside])).code === 0;
  const vtysh = (machine: string, commands: readonly string[]) =>
    lab.exec(machine, ["vtysh", ...commands.flatMap((command) => ["-c", command])]);
  /** Packets that came out of GRE at each of the two. */
  const received = async () =>
    Promise.all(
      peers.map(async ({ machine }) =>
        Number((await lab.exec(machine, ["cat", "/sys/class/net/transit/statistics/rx_packets"])).stdout),
      ),
    );
  /** Thirty flows of one packet each. */
  const flows = `import socket
for port in range(40000, 40030):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flow:
        flow.bind(("", port))
        flow.sendto(b"x", ("${inside}", 9))`;

  it("has no route while nobody speaks", async () => {
    assert.equal(await ways(), 0);
    assert.equal(await answers(), false);
  });

  it("two that tell of a network alike have a share of its flows each", async () => {
    for (const peer of peers) {
      const done = await lab.exec(peer.machine, ["sh", "-s"], { stdin: appliance(peer) });
      assert.equal(done.code, 0, done.stderr);
    }
    await until(ways, (count) => count === 2);
    await until(answers, Boolean);
    const before = await received();
    await lab.exec(west.workload, ["python3", "-c", flows]);
    const after = await until(
      received,
      (counts) => counts.reduce((sum, count, index) => sum + count - (before[index] ?? 0), 0) >= 30,
    );
    for (const [index, count] of after.entries())
      assert.ok(count - (before[index] ?? 0) >= 5, `${before.join()} ${after.join()}`);
  });

  it("carries what a network's interface may send, and GRE's own on top", async () => {
    assert.equal(await answers(west.workload, "-M", "do", "-s", "1472"), true);
  });

  it("is not reached from a zone that it has no foot in", async () => {
    assert.equal(await answers(elsewhere), false);
    const attachment = world.find(({ kind }) => kind === "transitAttachment");
    assert.ok(attachment?.kind === "transitAttachment");
    await lab.put({ ...attachment, subnets: [...attachment.subnets, "subnet-west-elsewhere"] });
    assert.equal(await until(() => answers(elsewhere), Boolean), true);
    await lab.put(attachment);
    assert.equal(await answers(elsewhere), false);
  });

  it("one of a peer's two sessions is enough for its share", async () => {
    const shut = (verb: string) =>
      vtysh(west.gateway, [
        "configure terminal",
        "router bgp 65010",
        `${verb}neighbor 169.254.100.2 shutdown`,
      ]);
    await shut("");
    const one = ["vtysh", "-N", `${transit}-1`, "-d", "bgpd", "-c", `show bgp ipv4 unicast ${away} json`];
    const told = async () => (await lab.exec("fabric", one)).stdout.match(/"peerId"/g)?.length ?? 0;
    await until(told, (count) => count === 1);
    assert.equal(await ways(), 2);
    await shut("no ");
    await until(told, (count) => count === 2);
  });

  it("prefers the shorter AS path, and has the other while that is not told", async () => {
    const longer = (verb: string) =>
      vtysh(second.machine, [
        ...["configure terminal", "route-map path permit 10"],
        `${verb}set as-path prepend 65010`,
      ]);
    await longer("");
    await until(ways, (count) => count === 1);
    const [before = 0, beside = 0] = await received();
    assert.equal(await answers(), true);
    const [after = 0, still = 0] = await received();
    assert.ok(after > before && still - beside < 2, `${String(after - before)} ${String(still - beside)}`);
    await longer("no ");
    await until(ways, (count) => count === 2);
  });

  it("ends the sessions of a peer that tells of 1,001 networks, and the other carries all @slow", async () => {
    const many = Array.from(
      { length: 1001 },
      (_, index) => `network 10.${String(80 + Math.floor(index / 256))}.${String(index % 256)}.0/24`,
    );
    const script = ["configure terminal", "router bgp 65010", "address-family ipv4 unicast"];
    const change = (verb: string) =>
      lab.exec(second.machine, ["vtysh"], {
        stdin: [...script, ...many.map((line) => `${verb}${line}`), "end", ""].join("\n"),
      });
    await change("");
    await until(ways, (count) => count === 1);
    assert.equal(await ways("10.80.0.0/24"), 0);
    assert.equal(await answers(), true);
    for (const host of ["10", "11"])
      assert.match(
        (await vtysh(second.machine, [`show bgp neighbors 169.254.100.${host}`])).stdout,
        /Maximum Number of Prefixes Reached/,
      );
    await change("no ");
    const peer = world.find(({ id }) => id === `tgw-connect-peer-${second.machine}`);
    assert.ok(peer !== undefined);
    await lab.remove(peer.kind, peer.id);
    await lab.put(peer);
    await until(ways, (count) => count === 2);
  });

  it("goes on sending to a gateway that has lost its power, until its hold time is over @slow", async () => {
    await lab.power(second.machine, "off");
    assert.equal(await ways(), 2);
    await until(ways, (count) => count === 1, 120);
    assert.equal(await answers(), true);
  });

  it("leaves nothing behind", async () => {
    for (const object of [gatewayFirewall, table, original("routeTable", "rtb-west-public")])
      await lab.put(object);
    for (const { kind, id } of [...world].reverse()) await lab.remove(kind, id);
    const left = async () =>
      (await lab.exec("fabric", ["sh", "-c", "ip netns list; ls /run/fabric | grep -v '[.]log$'; ps ax"]))
        .stdout;
    await until(left, (text) => !/tgw-west|bgpd/.test(text));
  });
});
