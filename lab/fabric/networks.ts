import { isIpv6 } from "../world/address";
import { behind } from "../world/addresses";
import type { Network, RouteTable, Subnet, World } from "../world/model";
import { networkOfInterface } from "../world/check";
import { objectOf, objectsOf } from "../world/world";
import { keepTtl } from "./firewall";
import { defaultRoute6 } from "./internet-ipv6";
import { attachmentOf } from "./transit-gateways";
import { internet, link, linkDevice, tableNumber, uplink, uplinkDevice } from "./names";
import type { Piece } from "./piece";

/** A network: a namespace that routes between its interfaces, by the route table of the subnet a packet comes from. */
export function networkPieces(world: World): Piece[] {
  return objectsOf(world, "network").flatMap((network) => [
    {
      key: `network ${network.id}`,
      stage: "network",
      up: [
        { ip: `netns add ${network.id}` },
        { ip: "link set lo up", in: network.id },
        // Interfaces of the network itself first, whatever a route table says; there is no way past.
        { ip: "rule add pref 100 lookup main", in: network.id },
        { ip: "rule add pref 30000 unreachable", in: network.id },
      ],
      down: [{ ip: `netns del ${network.id}` }],
    },
    ...network.cidrs.map((cidr): Piece => ({
      key: `block ${network.id} ${cidr}`,
      stage: "route",
      up: [{ ip: `route replace unreachable ${cidr} metric 4000`, in: network.id }],
      down: [{ ip: `route del unreachable ${cidr} metric 4000`, in: network.id }],
    })),
    {
      key: `nat ${network.id}`,
      stage: "rule",
      up: [
        { nft: natRules(world, network), in: network.id },
        // An address that moves takes its flows along at once. The kernel remembers them, since only then does it
        // translate what ICMP errors quote; forgotten ones are found again in the maps.
        { sh: `ip netns exec ${network.id} conntrack -F 2> /dev/null` },
      ],
      down: [],
      onChange: "again",
    },
  ]);
}

/** The link of a network to the internet, and the way back to each of its public addresses. */
export function gatewayPieces(world: World): Piece[] {
  return objectsOf(world, "internetGateway").flatMap(({ network }): Piece[] => {
    if (network === undefined) return [];
    const device = uplinkDevice(network);
    return [
      {
        key: `uplink ${network}`,
        stage: "cable",
        up: [
          { ip: `link add ${uplink} netns ${network} type veth peer name ${device} netns ${internet}` },
          { ip: `addr add ${link.outer.network}/32 dev ${uplink}`, in: network },
          { ip: `link set ${uplink} up`, in: network },
          { ip: `addr add ${link.outer.internet}/32 dev ${device}`, in: internet },
          { ip: `link set ${device} up`, in: internet },
          // Each packet between networks enters the internet once, so this sees each once; what IPv6 says to neighbours on
          // the link alone (RFC 4861, RFC 3810) is between none.
          {
            sh: `tc -n ${internet} qdisc add dev ${device} clsact
tc -n ${internet} filter add dev ${device} ingress pref 1 protocol ipv6 u32 match ip6 dst fe80::/10 action pass
tc -n ${internet} filter add dev ${device} ingress pref 1 protocol ipv6 u32 match ip6 dst ff00::/8 action pass
tc -n ${internet} filter add dev ${device} ingress pref 2 matchall action mirred egress mirror dev tap`,
          },
        ],
        down: [{ ip: `link del ${device}`, in: internet }],
      },
    ];
  });
}

/** Routes on the internet to each public address that an interface holds. */
export function publicRoutes(world: World): Piece[] {
  return attachedAddresses(world).map(({ address, network }) => ({
    key: `public ${address}`,
    stage: "route",
    up: [
      {
        ip: `route replace ${address}/32 via ${link.outer.network} dev ${uplinkDevice(network)} onlink`,
        in: internet,
      },
    ],
    down: [{ ip: `route del ${address}/32`, in: internet }],
  }));
}

/** A cloud's route tables as the kernel's, and which interface's packets look where. */
export function routeTablePieces(world: World): Piece[] {
  const hosts = [...objectsOf(world, "machine"), ...objectsOf(world, "workload")];
  const inhabited = new Set(hosts.map((host) => host.interface));
  const tables = objectsOf(world, "routeTable").flatMap((table) =>
    table.routes.flatMap((route) =>
      isIpv6(route.cidr)
        ? defaultRoute6(world, table, route.cidr)
        : routePiece(world, table, route, inhabited),
    ),
  );
  return tables;
}

/** The rule that sends an interface's packets to its subnet's table. */
export function lookupPiece(subnet: Subnet, device: string): Piece[] {
  if (subnet.routeTable === undefined) return [];
  const rule = `pref 200 iif ${device} lookup ${String(tableNumber(subnet.routeTable))}`;
  return [
    {
      key: `lookup ${device}`,
      stage: "route",
      up: [{ ip: `rule add ${rule}`, in: subnet.network }],
      down: [{ ip: `rule del ${rule}`, in: subnet.network }],
    },
  ];
}

function routePiece(
  world: World,
  { id, network }: RouteTable,
  { cidr, target }: RouteTable["routes"][number],
  inhabited: ReadonlySet<string>,
): Piece {
  const table = `table ${String(tableNumber(id))}`;
  // AWS, "Describe your route tables": a route whose target nobody uses stays, in state blackhole.
  const attachment =
    "transitGateway" in target ? attachmentOf(world, target.transitGateway, network) : undefined;
  if (
    ("interface" in target && !inhabited.has(target.interface)) ||
    ("transitGateway" in target && attachment === undefined)
  )
    return {
      key: `route ${id} ${cidr}`,
      stage: "route",
      up: [{ ip: `route replace blackhole ${cidr} metric 10 ${table}`, in: network }],
      down: [{ sh: `ip -n ${network} route del ${cidr} metric 10 ${table} 2> /dev/null || true` }],
      onChange: "again",
    };
  const way =
    "internetGateway" in target
      ? `via ${link.outer.internet} dev ${uplink} onlink`
      : `via ${link.inner.host} dev ${linkDevice("interface" in target ? target.interface : (attachment ?? ""))} onlink`;
  return {
    key: `route ${id} ${cidr}`,
    stage: "route",
    up: [{ ip: `route replace ${cidr} ${way} metric 10 ${table}`, in: network }],
    // A link that is gone has taken its routes along.
    down: [{ sh: `ip -n ${network} route del ${cidr} metric 10 ${table} 2> /dev/null || true` }],
    onChange: "again",
  };
}

/**
 * 1:1 NAT between public addresses and interfaces, at the internet gateway, and nothing else through it.
 * @see AWS, "Enable internet access for a VPC using an internet gateway"
 */
function natRules(world: World, { id }: Network): string {
  const pairs = attachedAddresses(world).filter(({ network }) => network === id);
  const elements = (entries: readonly string[]): string =>
    entries.length === 0 ? "" : `\n    elements = { ${entries.join(", ")} }`;
  return `table ip nat
delete table ip nat
table ip nat {
  map inbound {
    type ipv4_addr : ipv4_addr${elements(pairs.map(({ address, inner }) => `${address} : ${inner}`))}
  }
  map outbound {
    type ipv4_addr : ipv4_addr${elements(pairs.map(({ address, inner }) => `${inner} : ${address}`))}
  }
  set public {
    type ipv4_addr${elements(pairs.map(({ address }) => address))}
  }
  set inner {
    type ipv4_addr${elements(pairs.map(({ inner }) => inner))}
  }
  chain gate {
    type filter hook prerouting priority raw; policy accept;
    iifname "${uplink}" ip daddr != @public drop
  }
  chain leave {
    type filter hook forward priority filter; policy accept;
    oifname "${uplink}" ip saddr != @inner drop
  }
  chain before {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${uplink}" dnat to ip daddr map @inbound
  }
  chain after {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${uplink}" snat to ip saddr map @outbound
  }
${keepTtl}}
`;
}

interface AttachedAddress {
  readonly address: string;
  readonly inner: string;
  readonly network: string;
}

function attachedAddresses(world: World): AttachedAddress[] {
  const attached = new Set(objectsOf(world, "internetGateway").map(({ network }) => network));
  return objectsOf(world, "publicAddress").flatMap((held) => {
    const { address, interface: nic } = held;
    const found = nic === undefined ? undefined : objectOf(world, "interface", nic);
    if (found === undefined) return [];
    const network = networkOfInterface(world, found.id);
    return attached.has(network) ? [{ address, inner: behind(held, found), network }] : [];
  });
}
