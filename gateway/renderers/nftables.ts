import { rulesOf } from "../../fleet/clouds";
import { type Family, ofFamily } from "../../fleet/family";
import type { GatewayFacts } from "../facts";
import { type GatewayView, speaksIpv6, viewOf } from "../view";
import { admitIpv6 } from "./nftables-ipv6";
import { greInterface } from "./gre";
import { addressOf } from "./swanctl";
import { espInUdpPort } from "./units";

/**
 * `/etc/nftables.conf`: what may reach the gateway, and what may pass it. The cloud's firewall before it is coarse;
 * this one is exact.
 * @see nftables wiki, "Configuring chains"; RFC 4301 section 4.4.1
 */
export function renderNftables(view: GatewayView, facts: GatewayFacts): string {
  const { region, tunnels, partners } = view;
  const [ipv4, ipv6] = [viewOf("ipv4", view), viewOf("ipv6", view)];
  const both = speaksIpv6(view);
  const peers = [
    ...new Set([...tunnels, ...partners].map(({ peer }) => addressOf(peer.gateway, facts))),
  ].sort();
  const peers6 = ofFamily("ipv6", peers);
  const outside = admitIpv6({ outside: region.outside, inside: both });
  return `#!/usr/sbin/nft -f
# One transaction: the old rules hold until the new ones do. Only this table is ours.
table inet trunkline
delete table inet trunkline
table inet trunkline {
  counter out { comment "own networks, by a tunnel" }
  counter handed { comment "own networks, to the partner" }
  counter taken { comment "own networks, from the partner, by a tunnel" }
  counter in { comment "to own networks" }
  counter through { comment "between other regions" }
  counter refused { comment "to the gateway itself, from whom it is not for" }
${set("management", region.managementAllowFrom)}${set("peers", ofFamily("ipv4", peers))}${
    outside === undefined ? "" : set("peers6", peers6, "ipv6")
  }${set(
    "endpoints",
    facts.endpoints.map(({ address }) => address),
  )}${set("own", ipv4.ownNetworks)}${set("remote", ipv4.remotePrefixes)}${both ? `${set("own6", ipv6.ownNetworks, "ipv6")}${set("remote6", ipv6.remotePrefixes, "ipv6")}` : ""}
  # Who was refused in the last day, and how often; the list cannot grow without end.
  set strangers {
    type ipv4_addr
    size 1024
    flags dynamic,timeout
    timeout 1d
    counter
  }
${outside?.sets ?? ""}
  chain untracked {
    type filter hook prerouting priority raw; policy accept;
    # What passes is never tracked: its way back may lead over the other gateway.
    fib daddr type != local notrack
  }

  chain orphaned {
    type filter hook prerouting priority mangle; policy accept;
    # The socket by which the kernel takes ESP in UDP dies with charon; SAs and policies do not. While there is none,
    # trunkline-espinudp.socket takes its place. IKE (four zero bytes, RFC 3948 section 2.2) is charon's alone.
    ip saddr @peers udp dport 4500 socket wildcard 1 accept
    ip saddr @peers udp dport 4500 @th,64,32 != 0 fib daddr type local tproxy ip to :${String(espInUdpPort)} accept
${outside?.orphaned ?? ""}  }

  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
${sessionsOfBefore(view)}    ct state invalid drop
${outside?.icmp ?? "    meta l4proto { icmp, icmpv6 } accept\n"}    ip saddr @management tcp dport 22 accept
    ip saddr @peers udp dport { 500, 4500 } accept
${outside?.peers ?? ""}    # BGP and BFD (RFC 5881, RFC 5883) inside the tunnels, and with the cloud's route service.
    iifname { "x*", "p*" } tcp dport 179 accept
    iifname { "x*", "p*" } udp dport { 3784, 4784 } accept
    ip saddr @endpoints tcp dport 179 accept
    ip saddr @endpoints udp dport { 3784, 4784 } accept
${transitInput(view)}    # Whoever else knocks hears nothing: it is counted, and named in the log a few times a minute.
    fib daddr type != local drop
    counter name refused
    limit rate 6/minute burst 12 packets log prefix "trunkline refused: "
    add @strangers { ip saddr }
${outside?.strangers ?? ""}  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    # Segments fit into the tunnel, whatever path-MTU discovery makes of it.
${segments(view, "ipv4")}${both ? segments(view, "ipv6") : ""}    # Never back to the partner what came from it: two gateways without a way would hand it to and fro.
    iifname "p*" oifname "p*" drop
    # Out by a tunnel, or by the partner's; from the partner it goes on. What is counted shows what a drain has moved.
${passing(ipv4, "ip saddr @own", "ip daddr @own", "ip saddr @remote", "ip daddr @remote")}${both ? passing(ipv6, "ip6 saddr @own6", "ip6 daddr @own6", "ip6 saddr @remote6", "ip6 daddr @remote6") : ""}  }
}
`;
}

/**
 * What a route service says in a session of before a reboot, so that the kernel answers by a reset (RFC 9293 section 3.10.7.1).
 * One that has no BFD would keep that session until its hold time is over, and take no new one as long (RFC 4271 section 6.8).
 * Never the beginning of a connection.
 */
function sessionsOfBefore({ region }: GatewayView): string {
  const { kind } = region.routeService;
  return kind === "service" && !rulesOf(region.cloud).session.bfd
    ? "    ip saddr @endpoints tcp sport 179 tcp flags & (syn | rst) == 0x0 accept\n"
    : "";
}

/** GRE of the transit gateway's end of this gateway's tunnel alone (RFC 2784), and its two BGP speakers inside. */
function transitInput({ transit }: GatewayView): string {
  if (transit === undefined) return "";
  return `    ip saddr ${transit.address} ip protocol gre accept
    iifname "${greInterface}" ip saddr { ${transit.speakers.join(", ")} } tcp dport 179 accept
`;
}

/** What may pass, of one family. */
function passing(
  { tunnels, ownNetworks }: GatewayView,
  fromOwn: string,
  toOwn: string,
  fromRemote: string,
  toRemote: string,
): string {
  const own = new Set(ownNetworks);
  const transit = tunnels.some(({ announced }) => announced.some((prefix) => !own.has(prefix)));
  return [
    `iifname != { "x*", "p*" } oifname "x*" ${fromOwn} ${toRemote} counter name out accept`,
    `iifname != { "x*", "p*" } oifname "p*" ${fromOwn} ${toRemote} counter name handed accept`,
    `iifname "p*" oifname "x*" ${fromOwn} ${toRemote} counter name taken accept`,
    `iifname { "x*", "p*" } oifname != { "x*", "p*" } ${fromRemote} ${toOwn} counter name in accept`,
    ...(transit
      ? [
          `iifname { "x*", "p*" } oifname { "x*", "p*" } ${fromRemote} ${toRemote} counter name through accept`,
        ]
      : []),
  ]
    .map((line) => `    ${line}\n`)
    .join("");
}

/** Links may differ in what fits. */
function segments({ tunnels }: GatewayView, family: Family): string {
  const sizes = [...new Set(tunnels.map(({ tunnel }) => tunnel.mss[family]))].sort(
    (one, other) => one - other,
  );
  // The first rules hold for both families; an IPv6 header is 20 bytes longer.
  const longer = family === "ipv6" ? "meta nfproto ipv6 " : "";
  return sizes
    .flatMap((size) => {
      const interfaces = tunnels
        .filter(({ tunnel }) => tunnel.mss[family] === size)
        .map(({ self }) => self.interface);
      const those = sizes.length === 1 ? '"x*"' : `{ ${interfaces.sort().join(", ")} }`;
      return ["oifname", "iifname"].map(
        (end) =>
          `    ${end} ${those} ${longer}tcp flags syn / syn,rst tcp option maxseg size > ${String(size)} tcp option maxseg size set ${String(size)}\n`,
      );
    })
    .join("");
}

function set(name: string, elements: readonly string[], family: Family = "ipv4"): string {
  const listed = elements.length === 0 ? "" : `\n    elements = { ${elements.join(", ")} }`;
  return `  set ${name} {
    type ${family}_addr
    flags interval${listed}
  }
`;
}
