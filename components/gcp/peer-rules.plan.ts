import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { limits } from "./limits";

export interface PeerRulesSpec {
  /** Gateway ids of the peers. */
  readonly peers: readonly string[];
}

/** IKE and its NAT traversal, which also carries ESP (RFC 7296 §2.23, RFC 3948). */
export const peerPorts = ["500", "4500"] as const;

/** One rule holds as many sources as a fleet has gateways, so it is exact, whatever the fleet's size. */
export function planPeerRules({ peers }: PeerRulesSpec): Planned<{ readonly rule: boolean }> {
  const problems: ArgumentProblem[] =
    peers.length <= limits.sourceRangesPerRule
      ? []
      : [
          {
            path: "peers",
            message: `${peers.length} peers are more than the ${limits.sourceRangesPerRule} sources of a firewall rule.`,
            remedy: "Split the fleet.",
          },
        ];
  const peersOnce = namedOnce(
    "peers",
    "peers",
    peers.map((name) => ({ name })),
    "gateway",
  );
  // A rule without a source would admit everybody.
  return planned([...problems, ...peersOnce], () => ({ rule: peers.length > 0 }));
}
