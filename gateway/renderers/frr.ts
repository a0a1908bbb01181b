import type { Family } from "../../fleet/family";
import { hashNumber } from "../../fleet/hash";
import { hostOf, type PlannedEnd, type PlannedTunnel } from "../../fleet/plan";
import { knows, type System } from "../../fleet/system";
import type { GatewayFacts } from "../facts";
import { type GatewayView, type PartnerView, speaksIpv6, type TunnelView, viewOf } from "../view";
import { aggregateAddresses, aggregatePolicies } from "./frr-aggregates";
import { bfdNeighbour, bfdSource, bfdTimers } from "./frr-bfd";
import { endpointNeighbour, endpointPolicy } from "./frr-route-service";
import { transitNeighbours, transitPolicies, transitPolicy } from "./frr-transit";
import { ownIpv6 } from "./own-ipv6";
import { repairHalves, repairs } from "./repair";

/**
 * No router is to be found in a tunnel. zebra 10.3 dies of its advertisements, and every daemon is started again with it,
 * when the interface of a neighbour that leaves is taken away (cured by FRR's commit d019ad4938, "zebra core with v6 RA").
 */
const silent = "no bgp ipv6-auto-ra";

/** `/etc/frr/daemons`: zebra and staticd come with the rest. */
export function renderFrrDaemons(system: System): string {
  return `bgpd=yes
bfdd=yes
vtysh_enable=yes
zebra_options="  -A 127.0.0.1 -s 90000000"
${knows(system, "mgmtd") ? 'mgmtd_options="  -A 127.0.0.1"\n' : ""}bgpd_options="   -A 127.0.0.1"
bfdd_options="   -A 127.0.0.1"
staticd_options="-A 127.0.0.1"
`;
}

/**
 * `/etc/frr/frr.conf`, written as `show running-config` prints it, so that a reload finds no difference that is none.
 *
 * MEDs are compared whoever sends them: what two hubs tell of one region comes from two ASNs, and of the one that stands by
 * nothing must be taken for equal.
 *
 * Routes carry their next hops. networkd, which every upgrade of systemd starts again, takes away next hops that are
 * objects of their own in the kernel and not its own, and their routes go with them: all of them before systemd 256,
 * groups of them since (systemd's pull request 30433, "network: introduce ManageForeignNextHops=").
 * @see FRR documentation, "BGP", "BFD", "Zebra"
 */
export function renderFrr(view: GatewayView, facts: GatewayFacts): string {
  const { region, gateway, tunnels, partners } = view;
  const endpoints = facts.endpoints.map(({ address }) => address);
  const [ipv4, ipv6] = [viewOf("ipv4", view), viewOf("ipv6", view)];
  const both = speaksIpv6(view);
  return `frr defaults traditional
hostname ${gateway.id}
${both ? "" : "no ipv6 forwarding\n"}log syslog informational
service integrated-vtysh-config
no zebra nexthop kernel enable
!
${bfdTimers(region)}!
${ipv4.ownNetworks.map((cidr) => `ip route ${cidr} ${facts.self.routerAddress}\n`).join("")}${tunnels.map(hostRoute).join("")}${ipv6.ownNetworks.map((cidr) => `ipv6 route ${cidr} ${ownIpv6(view, facts).router}\n`).join("")}!
${policies(ipv4)}${both ? ipv6Policies(ipv6, facts) : ""}router bgp ${String(region.asn)}
 bgp router-id ${gateway.routerId}
 bgp log-neighbor-changes
 bgp always-compare-med
 no bgp default ipv4-unicast
${repairs(view) ? " no bgp network import-check\n" : ""} bgp graceful-restart-disable
 bgp bestpath as-path multipath-relax
 timers bgp 10 30
${knows(facts.self.system, silent) ? ` ${silent}\n` : ""}${tunnels.map(tunnelNeighbour).join("")}${partners.map(partnerNeighbour).join("")}${endpoints.map((address) => endpointNeighbour(address, region, facts)).join("")}${transitNeighbours(view)}${addressFamily("ipv4", ipv4, endpoints)}${both ? addressFamily("ipv6", ipv6, endpoints) : ""}exit
!
end
`;
}

/** IPv6 routes are told over the same sessions; a Route Server that has no IPv6 network to serve is told of none. */
function addressFamily(family: Family, view: GatewayView, endpoints: readonly string[]): string {
  const { ownNetworks, tunnels, partners } = view;
  const told = family === "ipv4" || ownNetworks.length > 0 ? endpoints : [];
  return ` !
 address-family ${family} unicast
${ownNetworks.map((cidr) => `  network ${cidr}\n`).join("")}${aggregateAddresses(view)}${tunnels.map(tunnelPolicy).join("")}${partners.map(partnerPolicy).join("")}${told.map((address) => endpointPolicy(address, family)).join("")}${transitPolicies(view)}  maximum-paths 64
 exit-address-family
`;
}

function tunnelNeighbour({ tunnel, self, peer }: TunnelView): string {
  const address = hostOf(peer.inside);
  if (tunnel.managed !== undefined) return managedNeighbour(tunnel, self, peer);
  return [
    `neighbor ${address} remote-as ${String(peer.asn)}`,
    `neighbor ${address} description ${tunnel.id}`,
    ...bfdNeighbour(address),
    ...(self.role === undefined ? [] : [`neighbor ${address} local-role ${self.role} strict-mode`]),
    // Only the other end of the link is one hop away (RFC 5082).
    `neighbor ${address} ttl-security hops 1`,
    bfdSource(address, hostOf(self.inside)),
    `neighbor ${address} timers connect 10`,
    // IPv4 over an IPv6 session (RFC 8950).
    `neighbor ${address} capability extended-nexthop`,
  ]
    .map((line) => ` ${line}\n`)
    .join("");
}

/** Whether the two ends of a tunnel share a network: Azure's has one address for all, and the own one for both of its tunnels. */
function sharesNetwork({ inside }: PlannedEnd): boolean {
  return !inside.endsWith("/32");
}

/**
 * To a managed end that no network leads to.
 * @see Microsoft Learn, "VPN Gateway FAQ", What should I add to my on-premises VPN device for the BGP peering session
 */
function hostRoute({ tunnel, self, peer }: TunnelView): string {
  return tunnel.managed === undefined || sharesNetwork(self)
    ? ""
    : `ip route ${hostOf(peer.inside)}/32 ${self.interface}\n`;
}

/**
 * A cloud's managed gateway, over IPv4 inside of the tunnel. It has neither BFD nor roles, and no vendor names its TTL; the
 * timers that hold for the whole of bgpd are AWS' own, and others' stand here. Either end opens the session; with Azure's, which
 * waits where addresses are link-local ("How to configure BGP on Azure VPN Gateways"), this one does.
 * @see AWS, "Best practices for an AWS Site-to-Site VPN customer gateway device"
 * @see Google Cloud, "Manage BGP timers"
 */
function managedNeighbour({ id, managed }: PlannedTunnel, self: PlannedEnd, peer: PlannedEnd): string {
  const address = hostOf(peer.inside);
  return [
    `neighbor ${address} remote-as ${String(peer.asn)}`,
    `neighbor ${address} description ${id}`,
    `neighbor ${address} update-source ${hostOf(self.inside)}`,
    // One hop away, whatever no network shows.
    ...(sharesNetwork(self) ? [] : [`neighbor ${address} disable-connected-check`]),
    ...(managed?.bgpSeconds === undefined
      ? []
      : [
          `neighbor ${address} timers ${String(managed.bgpSeconds.keepalive)} ${String(managed.bgpSeconds.hold)}`,
        ]),
    `neighbor ${address} timers connect 10`,
  ]
    .map((line) => ` ${line}\n`)
    .join("");
}

/**
 * The other gateway of the pair (iBGP, RFC 4271), over the tunnel between them. Without BFD: FRR takes an iBGP neighbour
 * for one hop away or for many by what it knows of the network when it begins, so two ends that begin apart speak to
 * different ports for good (FRR 10.3, `bgp_bfd_is_peer_multihop`: `shared_network`). Nothing leads here while a gateway
 * has tunnels of its own, so three seconds will do.
 */
function partnerNeighbour({ tunnel, self, peer }: PartnerView): string {
  const address = hostOf(peer.inside);
  return [
    `neighbor ${address} remote-as ${String(peer.asn)}`,
    `neighbor ${address} description ${tunnel.id}`,
    `neighbor ${address} update-source ${hostOf(self.inside)}`,
    `neighbor ${address} timers 1 3`,
    `neighbor ${address} timers connect 2`,
    `neighbor ${address} capability extended-nexthop`,
  ]
    .map((line) => ` ${line}\n`)
    .join("");
}

/**
 * What was heard is kept as it came. A gateway that drains takes everything for the last choice, and undrained it would have
 * to ask for it again (RFC 2918): FRR 8.4 does not answer, and that peer's ways would stay the last choice.
 */
function keepHeard(address: string): string {
  return `neighbor ${address} soft-reconfiguration inbound`;
}

function tunnelPolicy({ peer, accepted }: TunnelView): string {
  const address = hostOf(peer.inside);
  return [
    `neighbor ${address} activate`,
    keepHeard(address),
    `neighbor ${address} prefix-list from-${peer.region} in`,
    `neighbor ${address} prefix-list to-${peer.region} out`,
    `neighbor ${address} route-map from-tunnel in`,
    `neighbor ${address} route-map to-tunnel out`,
    // More than is planned is a fault of the other end: a warning would let it grow.
    `neighbor ${address} maximum-prefix ${String(Math.max(accepted.length, 1) + 10)}`,
  ]
    .map((line) => `  ${line}\n`)
    .join("");
}

/** What another region told the partner, by the partner; a cloud's router would send it straight back to us. */
function partnerPolicy({ peer }: PartnerView): string {
  const address = hostOf(peer.inside);
  return [
    `neighbor ${address} activate`,
    `neighbor ${address} next-hop-self force`,
    keepHeard(address),
    `neighbor ${address} prefix-list remote in`,
    `neighbor ${address} prefix-list remote out`,
    `neighbor ${address} route-map from-partner in`,
  ]
    .map((line) => `  ${line}\n`)
    .join("");
}

function policies(view: GatewayView): string {
  return `${prefixLists("ipv4", view)}!
${view.partners.length === 0 ? "" : fromPartner}${aggregatePolicies(view)}${toTunnel(view)}${transitPolicy(view)}`;
}

/** Beside the route-maps that hold for both families: a Route Server is told over IPv4 where IPv6 packets go. */
function ipv6Policies(view: GatewayView, facts: GatewayFacts): string {
  const { ownNetworks, gateway, region } = view;
  const lists = `${prefixLists("ipv6", view)}!\n`;
  if (region.routeService.kind !== "service" || ownNetworks.length === 0) return lists;
  return `${lists}route-map to-route-service-ipv6 permit 10
 set ipv6 next-hop global ${ownIpv6(view, facts).address}
 set large-community none
 set metric ${String(gateway.med)}
exit
!
`;
}

/** Lists of both families may have the same names. */
function prefixLists(family: Family, view: GatewayView): string {
  const { region, tunnels, partners, transit, aggregates, remotePrefixes, serviceTold } = view;
  const lists = new Map<string, readonly string[]>([
    ...(family === "ipv4" ? [["aggregates", aggregates] as const] : []),
    ...(region.routeService.kind === "service"
      ? [
          [
            "to-route-service",
            [...serviceTold, ...(family === "ipv4" ? Object.values(repairHalves(view)).flat() : [])],
          ] as const,
        ]
      : []),
    ...(transit === undefined ? [] : [["to-transit-gateway", remotePrefixes] as const]),
  ]);
  if (partners.length > 0) lists.set("remote", remotePrefixes);
  for (const { peer, accepted, announced } of tunnels) {
    lists.set(`from-${peer.region}`, accepted);
    lists.set(`to-${peer.region}`, announced);
  }
  const word = family === "ipv4" ? "ip" : "ipv6";
  const rendered = [...lists]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, prefixes]) => prefixList(word, name, prefixes));
  return `${[`${word} prefix-list none seq 5 deny any`, ...rendered].join("\n")}\n`;
}

/**
 * What only the partner has a way to goes no further (RFC 1997, NO_EXPORT): the cloud's route service and other regions
 * shall come to whoever has the way itself. And a way of one's own comes first, whatever its AS path and MED: both are
 * compared before it counts that the partner's is iBGP, and a gateway whose own tunnel leads to one that stands by would
 * hand all to the partner. Less by a number, not a number: what drains (LOCAL_PREF 0) stays the last choice.
 */
const fromPartner = `route-map from-partner permit 10
 set community no-export additive
 set local-preference -50
exit
!
`;

/**
 * What other regions are told with. In every region, so that a change of `ha` changes lines of a route-map that is there:
 * a reload would name a new one before it makes it, and one that is not there yet denies all.
 */
function toTunnel({ region, gateway: { told } }: GatewayView): string {
  const again = Array.from({ length: told.prepend }, () => String(region.asn)).join(" ");
  return `route-map to-tunnel permit 10
${again === "" ? "" : ` set as-path prepend ${again}\n`} set metric ${String(told.med)}
exit
!
`;
}

/**
 * Exactly these prefixes, which are disjoint. An entry's number is its network's address: whatever joins or leaves, a
 * reload touches no other entry. By position it would take all that follow out of the list and put them in again, and
 * BGP would withdraw and announce them.
 */
function prefixList(word: "ip" | "ipv6", name: string, prefixes: readonly string[]): string[] {
  if (prefixes.length === 0) return [`${word} prefix-list ${name} seq 5 deny any`];
  const taken = new Set<number>();
  return prefixes.map((prefix) => {
    let number = word === "ip" ? addressNumber(prefix) : 1 + hashNumber(0xfffffffe, prefix);
    // An IPv6 network's number is a hash of it: where two fall together, the later one takes the next.
    while (taken.has(number)) number = (number % 0xfffffffe) + 1;
    taken.add(number);
    return `${word} prefix-list ${name} seq ${String(number)} permit ${prefix}`;
  });
}

function addressNumber(prefix: string): number {
  const [address = ""] = prefix.split("/");
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
