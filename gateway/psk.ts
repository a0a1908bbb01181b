import { hkdfSync } from "node:crypto";
import { pskBits } from "../fleet/crypto/psk";
import type { PlannedTunnel } from "../fleet/plan";
import { type PpkSeeds, seedOf } from "./ppk";

/** Of each tunnel to a managed gateway by its id: the preshared key. Secret. */
export type Psks = Readonly<Record<string, string>>;

/** A plan's tunnels that have a cloud's managed gateway at one end. */
export function tunnelsWithPsk(tunnels: readonly PlannedTunnel[]): PlannedTunnel[] {
  return tunnels.filter(({ managed }) => managed !== undefined);
}

/**
 * The preshared keys of these tunnels, each its own: 256 bits by HKDF (RFC 5869) over the seeds of both regions, as PPKs are
 * derived and apart from them. Written in an alphabet that every cloud takes, with a first character that AWS takes; 43
 * characters are more than the 32 that Google asks for.
 * @see AWS, "Tunnel options for your AWS Site-to-Site VPN connection": Pre-shared key (PSK)
 * @see Google Cloud, "Generate a strong pre-shared key"
 * @see Microsoft Learn, "VPN Gateway FAQ": printable ASCII, except space, hyphen and tilde
 * @throws Error naming the stack that has to come up first
 */
export function derivePsks(fleet: string, tunnels: readonly PlannedTunnel[], seeds: PpkSeeds): Psks {
  return Object.fromEntries(
    tunnelsWithPsk(tunnels).map(({ id, ends, managed }) => {
      const parts = Buffer.concat(ends.map(({ region }) => seedOf(region, seeds)));
      // Azure has one for both tunnels to a gateway, which are one connection.
      const name = managed?.keyName ?? id;
      return [id, keyFrom((attempt) => hkdfSync("sha256", parts, fleet, infoOf(name, attempt), pskBits / 8))];
    }),
  );
}

function infoOf(name: string, attempt: number): string {
  return `trunkline psk ${name}${attempt === 0 ? "" : ` ${String(attempt)}`}`;
}

/** Of one key in 64 the first character would be a zero; the next one is taken in its place. */
function keyFrom(derive: (attempt: number) => ArrayBuffer): string {
  for (let attempt = 0; ; attempt += 1) {
    const key = Buffer.from(derive(attempt)).toString("base64url").replaceAll("-", ".");
    if (!key.startsWith("0")) return key;
  }
}
