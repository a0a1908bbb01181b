import { formatCidr, subnetOf } from "../cidr";
import type { NetworkedRegion } from "../cloud";
import type { PlannedSubnet } from "../plan";
import { limits } from "./limits";

/** All gateways live in one, whatever their zone, and the Cloud Router's interfaces with them. */
export const gatewaySubnet = "gateways";

/**
 * Subnets are a region's, not a zone's. Of the region's first network the gateways' from its start, as small as it can
 * be, and its second half for workloads; what is left of the first half stays free for the user. Each further network is
 * a subnet for workloads of its own: a VPC network has no addresses but its subnets'. A managed gateway lives in none.
 */
export function subnets({ cidrs: [first, ...further], gateway }: NetworkedRegion): PlannedSubnet[] {
  if (first === undefined) return [];
  return [
    ...(gateway === "managed"
      ? []
      : [
          {
            name: gatewaySubnet,
            role: "gateway" as const,
            cidr: formatCidr(subnetOf(first, limits.gatewaySubnetPrefix, 0)),
          },
        ]),
    { name: "workloads", role: "workload", cidr: formatCidr(subnetOf(first, first.prefix + 1, 1)) },
    ...further.map((cidr): PlannedSubnet => ({
      // By its address, so that one more network renames no other.
      name: `more-${cidr.address.toString(16).padStart(8, "0")}-${String(cidr.prefix)}`,
      role: "workload",
      cidr: formatCidr(cidr),
    })),
  ];
}
