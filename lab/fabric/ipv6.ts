import type { Interface, Subnet, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { uplinkIpv6 } from "./internet-ipv6";
import { ip6, silent, speaking } from "./ipv6-steps";
import { interfaceNamespace, link6, linkDevice, tableNumber } from "./names";
import type { Piece, Step } from "./piece";

/**
 * IPv6 in the networks that have it, beside what they have for IPv4: the same links with link-local addresses, the same
 * tables. What of it goes to the internet is `internet-ipv6.ts`.
 */
export function ipv6Pieces(world: World): Piece[] {
  const networks = objectsOf(world, "network").flatMap(({ id, ipv6 }) =>
    ipv6 === undefined ? [] : [{ id, ipv6 }],
  );
  return networks.flatMap(({ id, ipv6 }) => [
    {
      key: `ipv6 network ${id}`,
      stage: "network",
      up: [
        speaking(id, "forwards"),
        ...ip6(id, ["rule add pref 100 lookup main", "rule add pref 30000 unreachable"]),
      ],
      down: [withoutRules(id, [100, 30_000]), silent(id)],
    },
    {
      key: `ipv6 block ${id} ${ipv6}`,
      stage: "route",
      up: ip6(id, [`route replace unreachable ${ipv6} metric 4000`]),
      down: [{ sh: `ip -6 -n ${id} route del unreachable ${ipv6} metric 4000 2> /dev/null || true` }],
    },
    ...objectsOf(world, "internetGateway")
      .filter(({ network }) => network === id)
      .flatMap(() => uplinkIpv6(world, id, ipv6)),
    ...objectsOf(world, "routeServiceEndpoint")
      .filter(({ subnet }) => objectOf(world, "subnet", subnet)?.network === id)
      .map((endpoint): Piece => ({
        key: `ipv6 endpoint ${endpoint.id}`,
        stage: "cable",
        // It speaks IPv4 alone; its router has to know where the IPv6 next hops are that it is told of.
        up: [speaking(endpoint.id, "ends")],
        down: [silent(endpoint.id)],
      })),
  ]);
}

/** Of a machine's interface: what `machineAt` does for IPv4. */
export function machineIpv6(nic: Interface, subnet: Subnet, cable: string): Piece[] {
  if (nic.ipv6 === undefined || subnet.ipv6 === undefined) return [];
  const namespace = interfaceNamespace(nic.id);
  const router = `${subnet.ipv6.slice(0, subnet.ipv6.indexOf("/"))}1`;
  return [
    {
      // With another cable the namespace is another one.
      key: `ipv6 interface ${nic.id} ${cable}`,
      stage: "cable",
      up: [
        speaking(namespace, "forwards"),
        ...ip6(namespace, [
          `addr replace ${link6.host}/64 dev net nodad`,
          `addr replace ${link6.router}/64 dev host nodad`,
          // The machine asks for its router by this address (AWS, "Subnet CIDR blocks").
          `addr replace ${router}/128 dev host nodad`,
          `route replace ${nic.ipv6}/128 dev host`,
          `route replace default via ${link6.network} dev net`,
          `route replace default via ${nic.ipv6} dev host table 10`,
          `route replace default via ${link6.network} dev net table 20`,
          "rule add pref 10 iif net lookup 10",
          "rule add pref 20 iif host lookup 20",
          "rule add pref 11 iif net unreachable",
          "rule add pref 21 iif host unreachable",
        ]),
        ...towards(nic.ipv6, nic.id, subnet.network),
      ],
      down: [
        withoutRules(namespace, [10, 11, 20, 21]),
        silent(namespace),
        notTowards(nic.ipv6, subnet.network),
      ],
    },
    ...lookup(subnet, linkDevice(nic.id)),
  ];
}

/** Of a workload, whose interface ends in the namespace itself. */
export function workloadIpv6(workload: string, nic: Interface, subnet: Subnet): Piece[] {
  if (nic.ipv6 === undefined) return [];
  return [
    {
      key: `ipv6 workload ${workload}`,
      stage: "cable",
      up: [
        speaking(workload, "ends"),
        ...ip6(workload, [
          `addr replace ${link6.host}/64 dev ens5 nodad`,
          `addr replace ${nic.ipv6}/128 dev ens5 nodad`,
          `route replace default via ${link6.network} dev ens5`,
        ]),
        ...towards(nic.ipv6, nic.id, subnet.network),
      ],
      down: [silent(workload), notTowards(nic.ipv6, subnet.network)],
    },
    ...lookup(subnet, linkDevice(nic.id)),
  ];
}

/** The network's side of a link. */
function towards(address: string, nic: string, network: string): Step[] {
  const device = linkDevice(nic);
  return ip6(network, [
    `addr replace ${link6.network}/64 dev ${device} nodad`,
    `route replace ${address}/128 via ${link6.host} dev ${device}`,
  ]);
}

function notTowards(address: string, network: string): Step {
  return { sh: `ip -6 -n ${network} route del ${address}/128 2> /dev/null || true` };
}

function lookup(subnet: Subnet, device: string): Piece[] {
  if (subnet.routeTable === undefined) return [];
  const rule = `pref 200 iif ${device} lookup ${String(tableNumber(subnet.routeTable))}`;
  return [
    {
      key: `ipv6 lookup ${device}`,
      stage: "route",
      up: ip6(subnet.network, [`rule add ${rule}`]),
      down: [{ sh: `ip -6 -n ${subnet.network} rule del ${rule} 2> /dev/null || true` }],
    },
  ];
}

function withoutRules(namespace: string, prefs: readonly number[]): Step {
  return {
    sh: `for pref in ${prefs.join(" ")}; do ip -6 -n ${namespace} rule del pref $pref 2> /dev/null || true; done`,
  };
}
