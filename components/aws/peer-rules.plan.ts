import type { Family } from "../../fleet/family";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { limits } from "./limits";

export interface PeerRulesSpec {
  /** Gateway ids of the peers that are reached over IPv4. */
  readonly peers: readonly string[];
  /** And of those over IPv6. */
  readonly ipv6Peers?: readonly string[];
  /** Rules of IPv4 that the group already has: management ranges and the network's own blocks. */
  readonly otherRules: number;
  /** And of IPv6. */
  readonly otherIpv6Rules?: number;
}

/** One rule; without `peer` it admits any source of its family, and only the gateway's own nftables rules tell peers apart. */
export interface PeerRule {
  readonly family: Family;
  readonly name: string;
  readonly description: string;
  readonly peer?: string;
  readonly ports: { readonly from: number; readonly to: number };
}

/** IKE and its NAT traversal, which also carries ESP (RFC 7296 §2.23, RFC 3948). */
const ports = { ike: { from: 500, to: 500 }, nat: { from: 4500, to: 4500 }, both: { from: 500, to: 4500 } };

/**
 * The closest rules towards peers that a security group still holds. All three are exact on the gateway, where
 * nftables admits each peer's address to UDP 500 and 4500 only:
 * 1. two rules for each peer, UDP 500 and 4500 from its address;
 * 2. one for each, UDP 500–4500 from its address (about 30 to 57 peers);
 * 3. UDP 500 and 4500 from anywhere: a mesh of 100 regions has 198 peers, a group 60 rules.
 *
 * Each family has rules of its own, and a quota of its own. Names are the peers', so that one region more changes no other
 * rule, except where the step changes; and the family's, since a rule's family cannot be changed (EC2 API reference,
 * "SecurityGroupRuleRequest").
 */
export function planPeerRules({
  peers,
  ipv6Peers = [],
  otherRules,
  otherIpv6Rules = 0,
}: PeerRulesSpec): Planned<readonly PeerRule[]> {
  const room = limits.inboundRulesPerGroup - otherRules;
  const problems: ArgumentProblem[] = [];
  if (room < 2)
    problems.push({
      path: "otherRules",
      message: `${otherRules} of the group's ${limits.inboundRulesPerGroup} rules are taken, so peers cannot be admitted.`,
      remedy: "Name fewer, larger management ranges.",
    });
  return planned(problems, () => [
    ...rulesOf("ipv4", peers, room),
    ...rulesOf("ipv6", ipv6Peers, limits.inboundRulesPerGroup - otherIpv6Rules),
  ]);
}

function rulesOf(family: Family, peers: readonly string[], room: number): PeerRule[] {
  const [end, over] = family === "ipv6" ? ["-ipv6", " over IPv6"] : ["", ""];
  if (peers.length === 0) return [];
  if (peers.length * 2 <= room)
    return peers.flatMap((peer) => [
      { family, name: `${peer}-ike${end}`, description: `IKE from ${peer}${over}`, peer, ports: ports.ike },
      {
        family,
        name: `${peer}-nat${end}`,
        description: `IKE and ESP in UDP from ${peer}${over}`,
        peer,
        ports: ports.nat,
      },
    ]);
  if (peers.length <= room)
    return peers.map((peer) => ({
      family,
      name: `${peer}${end}`,
      description: `IKE and ESP in UDP from ${peer}${over}`,
      peer,
      ports: ports.both,
    }));
  const apart = `${over}; peers are told apart on the gateway`;
  return [
    { family, name: `any-ike${end}`, description: `IKE${apart}`, ports: ports.ike },
    { family, name: `any-nat${end}`, description: `IKE and ESP in UDP${apart}`, ports: ports.nat },
  ];
}
