import type { ManagedRules } from "../cloud";
import { insidesOf, tunnelsPerConnection } from "../inside-ipv4";
import { limits, managedFacts } from "./limits";
import { zones } from "./network";
import { staticTaker } from "./takers";
import { transforms } from "./transforms";

/** AWS Site-to-Site VPN at a transit gateway: one connection for each own gateway, and two tunnels in each. */
export const managedRules: ManagedRules = {
  called: "Site-to-Site VPN at a transit gateway",
  transforms,
  tunnels: tunnelsPerConnection,
  addresses: "tunnel",
  attachedIn: zones.map((zone) => `attachment-${zone}`),
  tunnel({ fleet, link, gatewayPlace, tunnel }) {
    const { rekeyMarginSeconds, dpdTimeoutSeconds } = limits.siteToSite;
    return {
      ...insidesOf(fleet, link, gatewayPlace, tunnel),
      ikeLifetimeSeconds: transforms.lifetimes.ike.standard,
      childLifetimeSeconds: transforms.lifetimes.esp.standard,
      rekeyMarginSeconds,
      dpdTimeoutSeconds,
    };
  },
  // The network's tables lead to it, as they do to a transit gateway that follows gateways of ours.
  taker: staticTaker("transit-gateway"),
  facts: managedFacts,
  quota: {
    most: limits.siteToSite.connectionsPerRegion,
    within: "region",
    called: "Site-to-Site VPN connections",
    whose: "a fresh account",
    remedy: "Ask AWS for a higher quota (Site-to-Site VPN connections per Region) before `up`.",
  },
};
