import { type Cidr, contains, formatCidr, parseCidr, sizeOf, subnetOf } from "../cidr";
import type { ManagedInsideRules } from "../cloud";
import { hashNumber } from "../hash";
import { limits } from "./limits";

/** Two addresses are all that a gateway has, and a /30 has two. */
const prefix = 30;
const { networks: texts, range } = limits.vpnGateway.apipa;
const networks = texts.map(parseCidr).filter((cidr) => typeof cidr === "object");
const places = networks.flatMap((network) =>
  Array.from({ length: sizeOf(network.prefix) / sizeOf(prefix) }, (_, index) =>
    subnetOf(network, prefix, index),
  ),
);

/**
 * An Azure VPN gateway's own addresses inside of tunnels, one for each of its instances: link-local ones, of few. They are the
 * same in all of its tunnels, for it knows each peer by that one's own address.
 * @see Microsoft Learn, "How to configure BGP on Azure VPN Gateways": Azure APIPA BGP IP address
 */
export const insideRules: ManagedInsideRules = {
  derive: (fleet, region) =>
    places[hashNumber(places.length, fleet, "azure-inside", region)] ?? { address: 0, prefix },
  unfit: (cidr: Cidr) =>
    cidr.prefix === prefix && networks.some((network) => contains(network, cidr))
      ? undefined
      : {
          message: `Azure's VPN gateways have their addresses inside of tunnels from ${range}, in a /30, and ${formatCidr(cidr)} is none of these.`,
          remedy:
            "Choose another, such as 169.254.21.4/30, or leave it out: then it is by hash of the region's name.",
        },
  pool: places.length,
  range,
};
