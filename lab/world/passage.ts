import {
  labInternet,
  type FirewallRule,
  type Interface,
  type Network,
  type RouteTable,
  type World,
} from "./model";
import { allAddressesOf, behind } from "./addresses";
import { isGlobal6, isIpv6, prefixOf, within } from "./address";
import { networkOf } from "./check";
import { objectOf, objectsOf } from "./world";

/** The first packet of a flow; replies follow it back through stateful firewalls. */
export interface Packet {
  /** Of the same family as the destination. A machine that forwards sends what is not its own address. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  readonly port?: number;
}

/** Where a packet comes from: an interface's id, or one of the internet's own hosts. */
export type Origin = { readonly interface: string } | "management" | "stranger";

export type Passage =
  | {
      readonly arrives: true;
      /** Id of the machine or workload, or the internet's own host. */
      readonly at: string;
      /** As the receiver sees it, after address translation. */
      readonly packet: Packet;
    }
  | { readonly arrives: false; readonly because: Refusal; readonly at: string };

export type Refusal =
  "SourceCheck" | "DestinationCheck" | "Egress" | "Ingress" | "NoRoute" | "NoPublicAddress" | "NobodyThere";

/**
 * What the clouds do to a packet, computed from the world alone: checks, firewalls, route tables, 1:1 NAT. The
 * recorded lab answers by it; the fabric is held to it (test/lab/contract). Routes that a route service learns are not
 * in it: only running daemons know them.
 */
export function passage(world: World, from: Origin, packet: Packet): Passage {
  if (typeof from === "string") return acrossInternet(world, packet);
  const nic = objectOf(world, "interface", from.interface);
  if (nic === undefined) return refused("NobodyThere", from.interface);
  if (nic.sourceDestinationCheck && !allAddressesOf(nic).includes(packet.source))
    return refused("SourceCheck", nic.id);
  if (!admits(world, nic, "egress", packet.destination, packet)) return refused("Egress", nic.id);
  const subnet = objectOf(world, "subnet", nic.subnet);
  const network = subnet === undefined ? undefined : objectOf(world, "network", subnet.network);
  if (subnet === undefined || network === undefined) return refused("NoRoute", nic.id);
  if (blocksOf(network).some((cidr) => within(packet.destination, cidr))) {
    const next = interfaceAt(world, network.id, packet.destination);
    return next === undefined ? refused("NobodyThere", network.id) : into(world, next, packet);
  }
  const table =
    subnet.routeTable === undefined ? undefined : objectOf(world, "routeTable", subnet.routeTable);
  const target = table === undefined ? undefined : bestRoute(table, packet.destination)?.target;
  if (target === undefined) return refused("NoRoute", table?.id ?? subnet.id);
  if ("interface" in target) {
    const next = objectOf(world, "interface", target.interface);
    return next === undefined ? refused("NobodyThere", target.interface) : into(world, next, packet);
  }
  // What a transit gateway has learned, only its running speakers know.
  if ("transitGateway" in target) return refused("NoRoute", target.transitGateway);
  const sender = interfaceAt(world, network.id, packet.source);
  // Nothing is translated: an address of IPv6 is its own public one, if it is global.
  if (isIpv6(packet.source))
    return sender === undefined || !isGlobal6(packet.source)
      ? refused("NoPublicAddress", target.internetGateway)
      : acrossInternet(world, packet);
  const held = objectsOf(world, "publicAddress").find(
    (address) =>
      sender !== undefined && address.interface === sender.id && behind(address, sender) === packet.source,
  );
  if (held === undefined) return refused("NoPublicAddress", target.internetGateway);
  return acrossInternet(world, { ...packet, source: held.address });
}

function acrossInternet(world: World, packet: Packet): Passage {
  if (packet.destination === labInternet.management) return { arrives: true, at: "management", packet };
  if (packet.destination === labInternet.stranger || packet.destination === labInternet.stranger6)
    return { arrives: true, at: "stranger", packet };
  if (isIpv6(packet.destination)) return acrossInternet6(world, packet);
  const held = objectsOf(world, "publicAddress").find(({ address }) => address === packet.destination);
  const nic = held?.interface === undefined ? undefined : objectOf(world, "interface", held.interface);
  if (held === undefined || nic === undefined) return refused("NobodyThere", "internet");
  return isAttached(world, nic)
    ? into(world, nic, { ...packet, destination: behind(held, nic) })
    : refused("NobodyThere", "internet");
}

function acrossInternet6(world: World, packet: Packet): Passage {
  const nic = objectsOf(world, "interface").find(({ ipv6 }) => ipv6 === packet.destination);
  return nic !== undefined && isGlobal6(packet.destination) && isAttached(world, nic)
    ? into(world, nic, packet)
    : refused("NobodyThere", "internet");
}

function isAttached(world: World, nic: Interface): boolean {
  const network = networkOf(world, nic.subnet);
  return objectsOf(world, "internetGateway").some((gateway) => gateway.network === network);
}

function into(world: World, nic: Interface, packet: Packet): Passage {
  if (nic.sourceDestinationCheck && !allAddressesOf(nic).includes(packet.destination))
    return refused("DestinationCheck", nic.id);
  if (!admits(world, nic, "ingress", packet.source, packet)) return refused("Ingress", nic.id);
  const host =
    objectsOf(world, "machine").find((machine) => machine.interface === nic.id && machine.power === "on") ??
    objectsOf(world, "workload").find((workload) => workload.interface === nic.id);
  return host === undefined ? refused("NobodyThere", nic.id) : { arrives: true, at: host.id, packet };
}

function admits(
  world: World,
  nic: Interface,
  direction: FirewallRule["direction"],
  other: string,
  packet: Packet,
): boolean {
  const rules = nic.firewalls.flatMap((id) => objectOf(world, "firewall", id)?.rules ?? []);
  return rules.some(
    (rule) => rule.direction === direction && matches(rule, packet) && names(world, rule, other, nic),
  );
}

function matches({ protocol, ports }: FirewallRule, packet: Packet): boolean {
  if (protocol === "all") return true;
  if (protocol !== packet.protocol) return false;
  return (
    ports === undefined ||
    protocol === "icmp" ||
    protocol === "esp" ||
    (packet.port !== undefined && ports.from <= packet.port && packet.port <= ports.to)
  );
}

function names(world: World, { peer }: FirewallRule, address: string, nic: Interface): boolean {
  if ("cidr" in peer) return within(address, peer.cidr);
  const network = networkOf(world, nic.subnet);
  return interfaceAt(world, network, address)?.firewalls.includes(peer.firewall) ?? false;
}

function interfaceAt(world: World, network: string, address: string): Interface | undefined {
  return objectsOf(world, "interface").find(
    (nic) => allAddressesOf(nic).includes(address) && networkOf(world, nic.subnet) === network,
  );
}

function blocksOf({ cidrs, ipv6 }: Network): readonly string[] {
  return ipv6 === undefined ? cidrs : [...cidrs, ipv6];
}

/** Longest prefix wins (AWS, "Route priority"). */
function bestRoute({ routes }: RouteTable, destination: string): RouteTable["routes"][number] | undefined {
  return routes
    .filter(({ cidr }) => within(destination, cidr))
    .sort((one, other) => prefixOf(other.cidr) - prefixOf(one.cidr))[0];
}

function refused(because: Refusal, at: string): Passage {
  return { arrives: false, because, at };
}
