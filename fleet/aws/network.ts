import { formatCidr, subnetOf } from "../cidr";
import { formatCidr6, subnetOf6 } from "../cidr6";
import type { NetworkedRegion } from "../cloud";
import { gatewayLetters, mostGateways } from "../letters";
import type { PlannedSubnet } from "../plan";
import { limits } from "./limits";

/** Two zones are what every region offers to every account: the third gateway stands beside the first. */
export const zones = ["a", "b"] as const;

/**
 * The region's first network in quarters: gateways' subnets from the start of each of the first two, as small as the
 * cloud allows; the other two quarters for workloads. What is left of the first two stays free for the user.
 */
export function subnets(region: NetworkedRegion): PlannedSubnet[] {
  const [first] = region.cidrs;
  if (first === undefined) return [];
  const quarter = first.prefix + 2;
  return [
    // In place of gateways' subnets, where the cloud's own gateway joins the network.
    ...(region.gateway === "managed" ? zones : []).map((zone, index) => ({
      name: `attachment-${zone}`,
      role: "attachment" as const,
      zone,
      cidr: formatCidr(subnetOf(subnetOf(first, quarter, index), limits.subnetPrefixLongest, 0)),
    })),
    ...gatewayLetters(region.gateways).map((letter, index) => {
      const zone = index % zones.length;
      const place = Math.floor(index / zones.length);
      return {
        name: `gateway-${letter}`,
        role: "gateway" as const,
        zone: zones[zone] ?? zones[0],
        cidr: formatCidr(subnetOf(subnetOf(first, quarter, zone), limits.subnetPrefixLongest, place)),
        ...ipv6(region, index),
        // Amazon's block is for gateways alone: workloads stay as they are.
        ...(region.outside === "ipv6" && region.ipv6 === undefined ? { ipv6Place: index } : {}),
      };
    }),
    ...zones.map((zone, index) => ({
      name: `workload-${zone}`,
      role: "workload" as const,
      zone,
      cidr: formatCidr(subnetOf(first, quarter, index + 2)),
      // Gateways that it has not leave their places free, so that workloads' never move.
      ...ipv6(region, mostGateways + index),
    })),
  ];
}

/** The region's IPv6 network in subnets of 64 bits, the only size that a cloud's subnet has. */
function ipv6({ ipv6: network }: NetworkedRegion, place: number): { readonly ipv6?: string } {
  return network === undefined
    ? {}
    : { ipv6: formatCidr6(subnetOf6(network.cidr, limits.ipv6SubnetPrefix, place)) };
}
