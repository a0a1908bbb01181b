import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { limits } from "./limits";

export interface PeerRulesSpec {
  /** Gateway ids of the peers. */
  readonly peers: readonly string[];
  /** Rules that the group already has: management ranges and the network's own blocks. */
  readonly otherRules: number;
}

/** One rule; without `peer` it admits any source, and only the gateway's own nftables rules tell peers apart. */
export interface PeerRule {
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
 * Names are the peers', so that one region more changes no other rule, except where the step changes.
 */
export function planPeerRules({ peers, otherRules }: PeerRulesSpec): Planned<readonly PeerRule[]> {
  const room = limits.inboundRulesPerGroup - otherRules;
  const problems: ArgumentProblem[] = [];
  if (room < 2)
    problems.push({
      path: "otherRules",
      message: `${otherRules} of the group's ${limits.inboundRulesPerGroup} rules are taken, so peers cannot be admitted.`,
      remedy: "Name fewer, larger management ranges.",
    });
  return planned(problems, () => {
    if (peers.length === 0) return [];
    if (peers.length * 2 <= room)
      return peers.flatMap((peer) => [
        { name: `${peer}-ike`, description: `IKE from ${peer}`, peer, ports: ports.ike },
        { name: `${peer}-nat`, description: `IKE and ESP in UDP from ${peer}`, peer, ports: ports.nat },
      ]);
    if (peers.length <= room)
      return peers.map((peer) => ({
        name: peer,
        description: `IKE and ESP in UDP from ${peer}`,
        peer,
        ports: ports.both,
      }));
    return [
      { name: "any-ike", description: "IKE; peers are told apart on the gateway", ports: ports.ike },
      {
        name: "any-nat",
        description: "IKE and ESP in UDP; peers are told apart on the gateway",
        ports: ports.nat,
      },
    ];
  });
}
