import type { Interface, Machine, Subnet, Workload, World } from "../world/model";
import { pathMtu, resolverOf, routerOf } from "../world/reserved";
import { objectOf, objectsOf } from "../world/world";
import { interfaceRules, workloadRules } from "./firewall";
import { machineIpv6, workloadIpv6 } from "./ipv6";
import { interfaceNamespace, link, linkDevice } from "./names";
import { lookupPiece } from "./networks";
import type { Piece } from "./piece";

/** Where a machine's cable ends: a namespace that does to packets what the cloud does to an interface's. */
export function machinePieces(world: World, cables: ReadonlyMap<string, string>): Piece[] {
  return objectsOf(world, "machine").flatMap((machine) => {
    const cable = cables.get(machine.id);
    const place = placeOf(world, machine);
    return cable === undefined || place === undefined ? [] : machineAt(world, place.nic, place.subnet, cable);
  });
}

/** A workload: a namespace that is the host, with its firewall at its own door. */
export function workloadPieces(world: World): Piece[] {
  return objectsOf(world, "workload").flatMap((workload) => {
    const place = placeOf(world, workload);
    if (place === undefined) return [];
    const { nic, subnet } = place;
    const device = linkDevice(nic.id);
    const { network } = subnet;
    return [
      {
        key: `workload ${workload.id}`,
        stage: "cable",
        up: [
          { ip: `netns add ${workload.id}` },
          { ip: `link add ens5 netns ${workload.id} type veth peer name ${device} netns ${network}` },
          { ip: "link set lo up", in: workload.id },
          {
            ip: `link set ens5 address ${nic.mac} mtu ${String(objectOf(world, "network", network)?.mtu ?? pathMtu)} up`,
            in: workload.id,
          },
          { ip: `addr add ${nic.address}/32 dev ens5`, in: workload.id },
          {
            ip: `route add default via ${link.inner.network} dev ens5 src ${nic.address} onlink`,
            in: workload.id,
          },
          { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
          { ip: `link set ${device} up`, in: network },
          { ip: `route add ${nic.address}/32 dev ${device}`, in: network },
        ],
        down: [{ ip: `link del ${device}`, in: network }, { ip: `netns del ${workload.id}` }],
      },
      {
        key: `rules ${workload.id}`,
        stage: "rule",
        up: [{ nft: workloadRules(world, nic), in: workload.id }],
        down: [],
        onChange: "again",
      },
      ...lookupPiece(subnet, device),
      ...workloadIpv6(workload.id, nic, subnet),
    ];
  });
}

function machineAt(world: World, nic: Interface, subnet: Subnet, cable: string): Piece[] {
  const namespace = interfaceNamespace(nic.id);
  const device = linkDevice(nic.id);
  const { network } = subnet;
  return [
    {
      key: `interface ${nic.id}`,
      stage: "cable",
      up: [
        { ip: `netns add ${namespace}` },
        { ip: `link add net netns ${namespace} type veth peer name ${device} netns ${network}` },
        { ip: `link set ${cable} netns ${namespace}` },
        { ip: "link set lo up", in: namespace },
        // The metadata service answers here (cloud_doors.py).
        { ip: "addr add 169.254.169.254/32 dev lo", in: namespace },
        // And so do DHCP and the resolver, for addresses that the network's router and nobody has otherwise.
        { ip: "addr add 169.254.169.253/32 dev lo", in: namespace },
        { ip: "route add local default dev lo table 30", in: namespace },
        ...toTheDoors(world, subnet).map((to) => ({
          ip: `rule add pref 5 iif host ${to} lookup 30`,
          in: namespace,
        })),
        { ip: `link set ${cable} name host`, in: namespace },
        { ip: "link set host up", in: namespace },
        { ip: `addr add ${link.inner.host}/32 dev net`, in: namespace },
        { ip: "link set net up", in: namespace },
        // What comes from the network goes to the machine whatever its address, and the other way round.
        { ip: `route add ${nic.address}/32 dev host`, in: namespace },
        { ip: `route add default via ${link.inner.network} dev net onlink`, in: namespace },
        { ip: `route add default via ${nic.address} dev host onlink table 10`, in: namespace },
        { ip: `route add default via ${link.inner.network} dev net onlink table 20`, in: namespace },
        { ip: "rule add pref 10 iif net lookup 10", in: namespace },
        { ip: "rule add pref 20 iif host lookup 20", in: namespace },
        // Never back where it came from: a cloud counts no hops, so nothing would end a loop.
        { ip: "rule add pref 11 iif net unreachable", in: namespace },
        { ip: "rule add pref 21 iif host unreachable", in: namespace },
        { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
        { ip: `link set ${device} up`, in: network },
        { ip: `route add ${nic.address}/32 via ${link.inner.host} dev ${device} onlink`, in: network },
      ],
      down: [
        { ip: `link del ${device}`, in: network },
        { ip: "link set host down", in: namespace },
        { ip: `link set host name ${cable}`, in: namespace },
        { ip: `link set ${cable} netns 1`, in: namespace },
        { ip: `netns del ${namespace}` },
      ],
    },
    ...(nic.secondaryAddresses ?? []).map((address): Piece => ({
      key: `address ${nic.id} ${address}`,
      stage: "route",
      up: [{ ip: `route add ${address}/32 via ${link.inner.host} dev ${device} onlink`, in: network }],
      // A link that is gone has taken its routes along.
      down: [{ sh: `ip -n ${network} route del ${address}/32 2> /dev/null || true` }],
    })),
    {
      key: `rules ${nic.id}`,
      stage: "rule",
      up: [{ nft: interfaceRules(world, nic), in: namespace }],
      down: [],
      onChange: "again",
    },
    ...lookupPiece(subnet, device),
    ...machineIpv6(nic, subnet, cable),
  ];
}

/** What a machine sends to the cloud itself, as `ip rule` selects it. */
function toTheDoors(world: World, subnet: Subnet): string[] {
  const network = objectOf(world, "network", subnet.network);
  return [
    `to ${routerOf(subnet)}/32 ipproto udp dport 67`,
    // Google's resolver is its metadata server, Azure's 168.63.129.16, and that address of a network anybody's.
    ...(network === undefined || network.cloud !== "aws"
      ? []
      : [`to ${resolverOf(network)}/32 ipproto udp dport 53`]),
  ];
}

function placeOf(
  world: World,
  host: Machine | Workload,
): { readonly nic: Interface; readonly subnet: Subnet } | undefined {
  const nic = objectOf(world, "interface", host.interface);
  const subnet = nic === undefined ? undefined : objectOf(world, "subnet", nic.subnet);
  return nic === undefined || subnet === undefined ? undefined : { nic, subnet };
}
