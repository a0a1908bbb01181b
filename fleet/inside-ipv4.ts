import { type Cidr, formatAddress, formatCidr } from "./cidr";
import { hashNumber } from "./hash";
import { mostGateways } from "./letters";

const linkLocal = 0xa9fe0000; // 169.254.0.0

/** A /30 has two addresses for two ends: what every cloud's managed gateway takes. */
const insidePrefix = 30;

/** Tunnels from one managed gateway to one own gateway. */
export const tunnelsPerConnection = 2;

/** /30s of one link: for each own gateway that there may be, and for each tunnel of its connection. */
const placesPerLink = mostGateways * tunnelsPerConnection;

/**
 * Third octets of 169.254.0.0/16 that inside networks are taken from, whoever's managed gateway has them, since an own
 * gateway may have several clouds' tunnels. Left out:
 * - 0 and 255, which RFC 3927 section 2.1 reserves; 0 to 5, of which AWS reserves a /30 each;
 * - 169: services of AWS and of Google at a machine, which an own gateway may be (metadata, DNS, time);
 * - 21 and 22: all that Azure's gateways take, which have no other;
 * - 100: Connect peers' inside addresses (`aws/transit-gateway.ts`).
 * @see AWS, "Tunnel options for your AWS Site-to-Site VPN connection": Inside tunnel IPv4 CIDR
 * @see Google Cloud, "About VM metadata": 169.254.169.254
 */
const left = new Set([0, 1, 2, 3, 4, 5, 21, 22, 100, 169, 255]);
const octets = Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => !left.has(octet));

const perOctet = 256 / (placesPerLink * 4);

/** The inside network of a tunnel: its link's block by hash of its id, in it by the own gateway's place and the tunnel. */
export function insideOf(fleet: string, link: string, gatewayPlace: number, tunnel: 0 | 1): Cidr {
  const block = hashNumber(octets.length * perOctet, fleet, "inside-block", link);
  const octet = octets[Math.floor(block / perOctet)] ?? 0;
  const place = (block % perOctet) * placesPerLink + gatewayPlace * tunnelsPerConnection + tunnel;
  return { address: linkLocal + octet * 256 + place * 4, prefix: insidePrefix };
}

/** That network, and both ends' addresses in it: the first is the managed one's (AWS, "Tunnel options", leaves no choice). */
export function insidesOf(...of: Parameters<typeof insideOf>): {
  readonly insideCidr: string;
  readonly insides: { readonly managed: string; readonly own: string };
} {
  const inside = insideOf(...of);
  const at = (host: number): string => `${formatAddress(inside.address + host)}/${String(insidePrefix)}`;
  return { insideCidr: formatCidr(inside), insides: { managed: at(1), own: at(2) } };
}
