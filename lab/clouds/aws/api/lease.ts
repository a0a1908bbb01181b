import type { World } from "../../../world/model";
import { pathMtu, resolverOf, routerOf } from "../../../world/reserved";
import { objectOf, objectsOf } from "../../../world/world";
import { privateDomain } from "./names";

/** What DHCP gives an interface: `lab/fabric/dhcp.py` makes packets of it. */
export interface Lease {
  readonly mac: string;
  readonly address: string;
  /** Length of the subnet's prefix. */
  readonly prefix: number;
  readonly router: string;
  readonly resolver: string;
  readonly hostname: string;
  readonly domain: string;
  readonly mtu: number;
  readonly seconds: number;
}

/** As instances see it: an hour. */
const leaseSeconds = 3600;

/**
 * The lease of a machine's interface; undefined: nobody is there.
 * @see AWS, "DHCP option sets in Amazon VPC": router, resolver and domain of the default set
 */
export function leaseOf(world: World, card: string): Lease | undefined {
  const nic = objectOf(world, "interface", card);
  const machine = objectsOf(world, "machine").find((candidate) => candidate.interface === card);
  const subnet = nic === undefined ? undefined : objectOf(world, "subnet", nic.subnet);
  const network = subnet === undefined ? undefined : objectOf(world, "network", subnet.network);
  if (nic === undefined || machine === undefined || subnet === undefined || network === undefined)
    return undefined;
  return {
    mac: nic.mac,
    address: nic.address,
    prefix: Number(subnet.cidr.split("/")[1]),
    router: routerOf(subnet),
    resolver: resolverOf(network),
    hostname: machine.hostname,
    domain: privateDomain(network.cloudRegion),
    mtu: pathMtu,
    seconds: leaseSeconds,
  };
}
