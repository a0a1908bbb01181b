import { type Cidr, formatAddress, formatCidr } from "../cidr";
import type { ManagedRules } from "../cloud";
import { hashNumber } from "../hash";
import { mostGateways } from "../letters";
import { limits, managedFacts } from "./limits";
import { zones } from "./network";
import { transforms } from "./transforms";

const linkLocal = 0xa9fe0000; // 169.254.0.0

/** Tunnels of one connection, which has one own gateway at its other end. */
const tunnelsPerConnection = 2;

/** /30s of one link: for each own gateway that there may be, and for each tunnel of its connection. */
const placesPerLink = mostGateways * tunnelsPerConnection;

/**
 * Third octets of 169.254.0.0/16 that inside networks are taken from. Left out:
 * - 0 and 255, which RFC 3927 section 2.1 reserves; 0 to 5, of which AWS reserves a /30 each;
 * - 169: services of AWS at a machine, which an own gateway may be (metadata, DNS, time);
 * - 21 and 22: all that Azure's gateways take, which have no other;
 * - 100: Connect peers' inside addresses (`transit-gateway.ts`).
 * @see AWS, "Tunnel options for your AWS Site-to-Site VPN connection": Inside tunnel IPv4 CIDR
 */
const left = new Set([0, 1, 2, 3, 4, 5, 21, 22, 100, 169, 255]);
const octets = Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => !left.has(octet));

const perOctet = 256 / (placesPerLink * 4);

/** The inside network of a tunnel: its link's block by hash of its id, in it by the own gateway's place and the tunnel. */
export function insideOf(fleet: string, link: string, gatewayPlace: number, tunnel: 0 | 1): Cidr {
  const block = hashNumber(octets.length * perOctet, fleet, "inside-block", link);
  const octet = octets[Math.floor(block / perOctet)] ?? 0;
  const place = (block % perOctet) * placesPerLink + gatewayPlace * tunnelsPerConnection + tunnel;
  return { address: linkLocal + octet * 256 + place * 4, prefix: limits.siteToSite.insidePrefix };
}

/** AWS Site-to-Site VPN at a transit gateway: one connection for each own gateway, and two tunnels in each. */
export const managedRules: ManagedRules = {
  called: "Site-to-Site VPN at a transit gateway",
  transforms,
  tunnels: tunnelsPerConnection,
  attachedIn: zones.map((zone) => `attachment-${zone}`),
  tunnel(fleet, link, gatewayPlace, tunnel) {
    const inside = insideOf(fleet, link, gatewayPlace, tunnel);
    const { insidePrefix, rekeyMarginSeconds, dpdTimeoutSeconds } = limits.siteToSite;
    const at = (host: number): string => `${formatAddress(inside.address + host)}/${String(insidePrefix)}`;
    return {
      insideCidr: formatCidr(inside),
      // AWS, "Tunnel options": its own end has the first address.
      insides: { managed: at(1), own: at(2) },
      ikeLifetimeSeconds: transforms.lifetimes.ike.standard,
      childLifetimeSeconds: transforms.lifetimes.esp.standard,
      rekeyMarginSeconds,
      dpdTimeoutSeconds,
    };
  },
  facts: managedFacts,
  quota: {
    most: limits.siteToSite.connectionsPerRegion,
    within: "region",
    called: "Site-to-Site VPN connections",
    whose: "a fresh account",
    remedy: "Ask AWS for a higher quota (Site-to-Site VPN connections per Region) before `up`.",
  },
};
