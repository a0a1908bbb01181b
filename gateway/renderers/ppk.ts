import type { Ppks } from "../ppk";
import type { GatewayView } from "../view";

/** Where PPKs stand on a gateway: a file of its own, which nobody but root reads. */
export const ppkPath = "/etc/swanctl/conf.d/trunkline-ppk.conf";

/** Their identity on the wire (RFC 8784 section 5.1). With no type of strongSwan's before it: it reads a peer's as such a word. */
export function ppkId(tunnel: string): string {
  return tunnel;
}

/**
 * The PPKs of a gateway's tunnels; nothing where none has one.
 * @throws Error when one is missing
 * @see strongSwan documentation, "swanctl.conf", secrets.ppk<suffix>
 */
export function renderPpks({ gateway, tunnels, partners }: GatewayView, ppks: Ppks): string | undefined {
  const ids = [...tunnels, ...partners].flatMap(({ tunnel }) =>
    tunnel.ppk === undefined ? [] : [tunnel.id],
  );
  if (ids.length === 0) return undefined;
  return `# Post-quantum preshared keys of ${gateway.id} (RFC 8784), one for each tunnel. Secret: for root alone.
secrets {
${ids.map((id) => secret(id, ppks[id])).join("")}}
`;
}

function secret(id: string, key: string | undefined): string {
  if (key === undefined) throw new Error(`There is no post-quantum preshared key of ${id}.`);
  return `  ppk-${id} {
    id = ${ppkId(id)}
    secret = 0s${key}
  }
`;
}
