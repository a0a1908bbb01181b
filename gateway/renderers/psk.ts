import type { GatewayFacts } from "../facts";
import type { Psks } from "../psk";
import type { GatewayView } from "../view";
import { addressOf, publicIdentity } from "./swanctl";

/** Where preshared keys of tunnels to managed gateways stand on a gateway: a file of its own, which nobody but root reads. */
export const pskPath = "/etc/swanctl/conf.d/trunkline-psk.conf";

/**
 * The preshared keys of a gateway's tunnels to managed gateways; nothing where it has none. Each holds for its two ends alone:
 * a key without both ids would be tried with every peer.
 * @throws Error when one is missing
 * @see strongSwan documentation, "swanctl.conf", secrets.ike<suffix>
 */
export function renderPsks(
  { gateway, tunnels }: GatewayView,
  facts: GatewayFacts,
  psks: Psks,
): string | undefined {
  const own = tunnels.filter(({ tunnel }) => tunnel.managed !== undefined);
  if (own.length === 0) return undefined;
  const secrets = own.map(({ tunnel: { id }, peer }) => {
    const key = psks[id];
    if (key === undefined) throw new Error(`There is no preshared key of ${id}.`);
    return `  ike-${id} {
    id-own = ${publicIdentity(facts)}
    id-peer = ${addressOf(peer.gateway, facts)}
    secret = "${key}"
  }
`;
  });
  return `# Preshared keys of ${gateway.id} with managed gateways, one for each tunnel. Secret: for root alone.
secrets {
${secrets.join("")}}
`;
}
