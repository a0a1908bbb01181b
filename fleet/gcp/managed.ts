import type { ManagedRules } from "../cloud";
import { insidesOf, tunnelsPerConnection } from "../inside-ipv4";
import { limits, managedFacts } from "./limits";
import { transforms } from "./transforms";

/**
 * HA VPN: a gateway with two interfaces, and from each a tunnel to every own gateway. The two interfaces are all that it has: a
 * tunnel is told apart by the address at its other end.
 */
export const managedRules: ManagedRules = {
  called: "HA VPN with a Cloud Router",
  transforms,
  tunnels: tunnelsPerConnection,
  addresses: "end",
  attachedIn: [],
  tunnel({ fleet, link, gatewayPlace, tunnel }) {
    return {
      ...insidesOf(fleet, link, gatewayPlace, tunnel),
      ikeLifetimeSeconds: transforms.lifetimes.ike.standard,
      childLifetimeSeconds: transforms.lifetimes.esp.standard,
      rekeyMarginSeconds: limits.haVpn.rekeyMarginSeconds,
      // Its own timers at both ends, as Google asks for ("Manage BGP timers").
      bgpSeconds: limits.bgpSeconds,
    };
  },
  taker: {
    // Of what a Cloud Router has by BGP nobody makes fewer: each gateway tells each network by itself.
    most: limits.dynamicRoutePrefixes,
    exact: true,
    full: "CloudRouterRoutesExceeded",
    its: "Its Cloud Router",
    told: "be told of",
    isTold: "is told of",
  },
  facts: managedFacts,
  most: () => ({
    connections: Math.floor(limits.haVpn.peersPerRouter / tunnelsPerConnection),
    because: `a Cloud Router has ${String(limits.haVpn.peersPerRouter)} BGP peers, one for each tunnel ("Cloud Router quotas and limits")`,
  }),
  peersOfItsCloud:
    'Google\'s API reference says that the address of an external VPN gateway "cannot be an IP address from Google Compute Engine", and its page "HA VPN topologies" has HA VPN towards machines of Compute Engine',
};
