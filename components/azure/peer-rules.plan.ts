import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { limits } from "./limits";

export interface PeerRulesSpec {
  /** Gateway ids of the peers. */
  readonly peers: readonly string[];
}

/** IKE and its NAT traversal, which also carries ESP (RFC 7296 §2.23, RFC 3948). */
export const peerPorts = ["500", "4500"] as const;

/** What other rules of the gateways' group may name: management ranges and the region's own networks. */
const otherSources = 500;

/** One rule holds as many sources as a fleet has gateways, so it is exact, whatever the fleet's size. */
export function planPeerRules({ peers }: PeerRulesSpec): Planned<{ readonly rule: boolean }> {
  const most = limits.sourcesPerGroup - otherSources;
  const problems: ArgumentProblem[] =
    peers.length <= most
      ? []
      : [
          {
            path: "peers",
            message: `${peers.length} peers are more than the ${most} sources that a security group has room for.`,
            remedy: "Split the fleet.",
          },
        ];
  const peersOnce = namedOnce(
    "peers",
    "peers",
    peers.map((name) => ({ name })),
    "gateway",
  );
  // A rule without a source would admit nobody, and Azure refuses it.
  return planned([...problems, ...peersOnce], () => ({ rule: peers.length > 0 }));
}
