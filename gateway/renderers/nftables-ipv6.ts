import type { Family } from "../../fleet/family";
import { espInUdpPort } from "./units";

/** What `/etc/nftables.conf` has besides on a gateway that speaks to other regions over IPv6, by its place there. */
export interface AdmittedIpv6 {
  readonly sets: string;
  /** What stands in for charon's socket. */
  readonly orphaned: string;
  /** In place of the rule that lets all ICMP in. */
  readonly icmp: string;
  readonly peers: string;
  readonly strangers: string;
}

/**
 * Its IPv6 address is one that the whole internet can write to, where an IPv4 one lies behind the cloud's 1:1 NAT: so of
 * ICMPv6 there is let in what IPv6 does not work without, and an echo from the fleet's own networks. Routers need not say
 * anything: addresses and ways stand in `/etc/trunkline/network`.
 * @param inside whether networks of the fleet have IPv6
 * @returns nothing where peers are reached over IPv4 alone
 * @see RFC 4890 section 4.4: errors, "packet too big" among them, must not be dropped; neighbours are on the link alone,
 *   which RFC 4861 section 6.1 and 7.1 have a receiver check by the hop limit
 */
export function admitIpv6({
  outside,
  inside,
}: {
  readonly outside: Family;
  readonly inside: boolean;
}): AdmittedIpv6 | undefined {
  if (outside === "ipv4") return undefined;
  return {
    sets: `  set strangers6 {
    type ipv6_addr
    size 1024
    flags dynamic,timeout
    timeout 1d
    counter
  }
`,
    orphaned: `    ip6 saddr @peers6 udp dport 4500 socket wildcard 1 accept
    ip6 saddr @peers6 udp dport 4500 @th,64,32 != 0 fib daddr type local tproxy ip6 to :${String(espInUdpPort)} accept
`,
    icmp: `    meta l4proto icmp accept
    # What IPv6 does not work without: errors, and neighbours on the link.
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    iifname { "x*", "p*" } icmpv6 type echo-request accept
${inside ? "    ip6 saddr @own6 icmpv6 type echo-request accept\n" : ""}`,
    peers: `    ip6 saddr @peers6 udp dport { 500, 4500 } accept
`,
    strangers: `    add @strangers6 { ip6 saddr }
`,
  };
}
