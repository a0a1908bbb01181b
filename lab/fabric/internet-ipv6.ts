import { isGlobal6 } from "../world/address";
import { networkOfInterface } from "../world/check";
import { labInternet, type RouteTable, type World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { ip6, silent } from "./ipv6-steps";
import { internet, link6, stranger, tableNumber, uplink, uplinkDevice } from "./names";
import type { Piece, Step } from "./piece";

/** The internet's own IPv6, and the host without business there; devices towards networks get theirs with these. */
export const internetIpv6: readonly Step[] = [
  {
    sh: `ip netns exec ${internet} sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0 \\
  net.ipv6.conf.all.forwarding=1 net.ipv6.icmp.ratelimit=0 net.ipv6.conf.lo.disable_ipv6=0`,
  },
  ...ip6(internet, [`addr add ${labInternet.router6}/128 dev lo nodad`]),
  speaks(internet, stranger),
  ...ip6(internet, [
    `addr add ${link6.outer.internet}/64 dev ${stranger} nodad`,
    `route add ${labInternet.stranger6}/128 via ${link6.outer.network} dev ${stranger}`,
  ]),
  speaks(stranger, "wan"),
  ...ip6(stranger, [
    `addr add ${link6.outer.network}/64 dev wan nodad`,
    `addr add ${labInternet.stranger6}/128 dev wan nodad`,
    `route add default via ${link6.outer.internet} dev wan src ${labInternet.stranger6}`,
  ]),
];

/**
 * A network's link to the internet: of a global block, which is told there as a whole; of a unique local one not even a
 * neighbour's question goes out.
 * @see AWS, "Enable internet access for a VPC using an internet gateway": IPv6 addresses are globally unique, and nothing
 *   is translated
 */
export function uplinkIpv6(world: World, network: string, block: string): Piece[] {
  if (!isGlobal6(block))
    return [{ key: `ipv6 uplink ${network}`, stage: "rule", up: [silent(network, uplink)], down: [] }];
  const device = uplinkDevice(network);
  return [
    {
      key: `ipv6 uplink ${network}`,
      stage: "rule",
      up: [
        speaks(network, uplink),
        ...ip6(network, [`addr replace ${link6.outer.network}/64 dev ${uplink} nodad`]),
        speaks(internet, device),
        ...ip6(internet, [
          `addr replace ${link6.outer.internet}/64 dev ${device} nodad`,
          `route replace ${block} via ${link6.outer.network} dev ${device}`,
        ]),
      ],
      // A link that is gone has taken all of it along.
      down: [
        { sh: `ip -6 -n ${internet} route del ${block} dev ${device} 2> /dev/null || true` },
        silent(internet, device),
        silent(network, uplink),
      ],
    },
    {
      key: `ipv6 gate ${network}`,
      stage: "rule",
      up: [{ nft: gateRules(world, network), in: network }],
      down: [{ sh: `ip netns exec ${network} nft delete table ip6 gate 2> /dev/null || true` }],
      onChange: "again",
    },
  ];
}

/** A route table's way to the IPv6 internet; in a network that has no global block it leads nowhere, and is no route here. */
export function defaultRoute6(world: World, { id, network }: RouteTable, cidr: string): Piece[] {
  const block = objectOf(world, "network", network)?.ipv6;
  if (block === undefined || !isGlobal6(block)) return [];
  const way = `${cidr} metric 10 table ${String(tableNumber(id))}`;
  return [
    {
      key: `route ${id} ${cidr}`,
      stage: "route",
      up: ip6(network, [`route replace ${way} via ${link6.outer.internet} dev ${uplink}`]),
      // A link that is gone has taken its routes along.
      down: [{ sh: `ip -6 -n ${network} route del ${way} 2> /dev/null || true` }],
    },
  ];
}

/** What holds a global address comes and goes, and nothing else. */
function gateRules(world: World, network: string): string {
  const held = objectsOf(world, "interface")
    .filter(({ id }) => networkOfInterface(world, id) === network)
    .flatMap(({ ipv6 }) => (ipv6 !== undefined && isGlobal6(ipv6) ? [ipv6] : []));
  const elements = held.length === 0 ? "" : `\n    elements = { ${held.join(", ")} }`;
  return `table ip6 gate
delete table ip6 gate
table ip6 gate {
  set held {
    type ipv6_addr${elements}
  }
  chain enter {
    type filter hook prerouting priority raw; policy accept;
    iifname "${uplink}" ip6 daddr { fe80::/10, ff00::/8 } accept
    iifname "${uplink}" ip6 daddr != @held drop
  }
  chain leave {
    type filter hook forward priority filter; policy accept;
    oifname "${uplink}" ip6 saddr != @held drop
  }
}
`;
}

function speaks(namespace: string, device: string): Step {
  const settings = [
    "addr_gen_mode=1",
    "accept_dad=0",
    "accept_ra=0",
    "router_solicitations=0",
    "disable_ipv6=0",
  ];
  return {
    sh: `ip netns exec ${namespace} sysctl -qw ${settings.map((setting) => `net.ipv6.conf.${device}.${setting}`).join(" ")}`,
  };
}
