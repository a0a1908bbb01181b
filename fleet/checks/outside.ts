import { parseCidr6 } from "../cidr6";
import { defaults as standard } from "../defaults";
import type { PartialFleet, PartialRegion } from "../parse";
import type { Report } from "../report";
import { isUniqueLocal } from "./ipv6";

/** Whether each region that would speak to others over IPv6 gives its gateways addresses for it, and room inside. */
export function checkOutside({ regions = {}, defaults }: PartialFleet, report: Report): void {
  for (const [name, region] of Object.entries(regions)) {
    const whole = { ...defaults, ...region };
    if ((whole.outside ?? standard.outside) !== "ipv6") continue;
    const path = region.outside === undefined ? `regions.${name}` : `regions.${name}.outside`;
    for (const { message, remedy } of withoutAddresses(name, region, whole.address))
      report.error("OutsideUnsupported", path, message, `${remedy}, or write \`outside: ipv4\`.`);
    checkMtu(name, whole.outerMtu, region.outerMtu === undefined, report);
  }
}

/**
 * What keeps gateways from having an address that the internet routes (RFC 4193; EC2 API reference,
 * "VpcIpv6CidrBlockAssociation": of private addresses AWS tells the internet nothing).
 */
function* withoutAddresses(
  name: string,
  { network, ipv6 }: PartialRegion,
  address: PartialRegion["address"],
): Generator<{ readonly message: string; readonly remedy: string }> {
  if (network !== undefined)
    yield {
      message: `${name} lies in a network that is there already: nothing of it is changed, and its gateways' subnets have no IPv6 that is known.`,
      remedy: "Let the region have a new network",
    };
  if (address === "moved")
    yield {
      message: `The pair of ${name} would share and move one address, and only an IPv4 one can be moved.`,
      remedy: "Give each gateway its own (`address: own`)",
    };
  const cidr = ipv6?.cidr === undefined ? undefined : parseCidr6(ipv6.cidr);
  // What is no network at all has been told.
  if (typeof cidr === "object" && isUniqueLocal(cidr))
    yield {
      message: `The IPv6 network of ${name}, ${String(ipv6?.cidr)}, is a unique local one: no internet gateway takes it to other regions, and a subnet has one IPv6 block.`,
      remedy: "Choose a global network for `ipv6`",
    };
}

/** With 80 bytes of IPv6, UDP and ESP around them, and what ESP pads, inner packets have 1282. */
const leastOuterMtu = 1364;

/** An interface with less than 1280 bytes has no IPv6, and tunnels' inside addresses are of it (RFC 8200 section 5). */
function checkMtu(name: string, outerMtu: number | undefined, inherited: boolean, report: Report): void {
  if (outerMtu === undefined || outerMtu >= leastOuterMtu) return;
  report.error(
    "OutsideMtu",
    inherited ? "defaults.outerMtu" : `regions.${name}.outerMtu`,
    `Over IPv6, packets of ${String(outerMtu)} bytes leave less than the 1280 that IPv6 needs inside of the tunnels of ${name}.`,
    `Write ${String(leastOuterMtu)} or more, or \`outside: ipv4\` for the region.`,
  );
}
