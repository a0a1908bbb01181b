import { type Cidr, formatCidr, subnetOf } from "../cidr";
import type { NetworkedRegion } from "../cloud";
import type { PlannedSubnet } from "../plan";
import { limits } from "./limits";

/** All gateways live in one, whatever their zone. */
export const gatewaySubnet = "gateways";

/**
 * Subnets are a region's, not a zone's. Of the region's first network the gateways' from its start, the Route Server's own
 * after that, both as small as they can be, and its second half for workloads; what is left of the first half stays free for
 * the user. Each further network is a subnet for workloads of its own. In place of the first two a managed gateway has one.
 */
export function subnets({ cidrs: [first, ...further], gateway }: NetworkedRegion): PlannedSubnet[] {
  if (first === undefined) return [];
  return [
    ...(gateway === "managed" ? managedSubnets(first) : ownSubnets(first)),
    { name: "workloads", role: "workload", cidr: formatCidr(subnetOf(first, first.prefix + 1, 1)) },
    ...further.map((cidr): PlannedSubnet => ({
      // By its address, so that one more network renames no other.
      name: `more-${cidr.address.toString(16).padStart(8, "0")}-${String(cidr.prefix)}`,
      role: "workload",
      cidr: formatCidr(cidr),
    })),
  ];
}

function ownSubnets(first: Cidr): PlannedSubnet[] {
  const { name, prefix } = limits.routeServerSubnet;
  return [
    {
      name: gatewaySubnet,
      role: "gateway",
      cidr: formatCidr(subnetOf(first, limits.gatewaySubnetPrefix, 0)),
    },
    { name, role: "route-service", cidr: formatCidr(subnetOf(first, prefix, 1)) },
  ];
}

function managedSubnets(first: Cidr): PlannedSubnet[] {
  const { name, prefix } = limits.vpnGateway.subnet;
  return [{ name, role: "attachment", cidr: formatCidr(subnetOf(first, prefix, 0)) }];
}
