import { limits } from "../aws/limits";
import { type Cidr6, clearHostBits6, formatCidr6, lastOf6, overlaps6, parseCidr6 } from "../cidr6";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import { insidePrefix } from "../inside";
import type { PartialFleet, PartialRegion } from "../parse";
import type { Report } from "../report";
import { overlapping, type Placed } from "./overlaps";

/** What unicast between sites is: IANA, "IPv6 Special-Purpose Address Registry". */
const uniqueLocal = range("fc00::/7");
const routable = [uniqueLocal, range("2000::/3")];

const reserved = [
  { text: "2001:db8::/32", why: "documentation, RFC 3849" },
  { text: "fd00:ec2::/32", why: 'services of AWS: "Instance metadata", "Amazon Time Sync Service"' },
].map(({ text, why }) => ({ text, why, range: range(text) }));

/** RFC 4193: routed between sites that agree, never on the internet. */
export function isUniqueLocal(cidr: Cidr6): boolean {
  return overlaps6(uniqueLocal, cidr);
}

/** IPv6 networks of regions: notation, size, reserved ranges, overlaps of any two, and what they stand beside. */
export function checkIpv6({ fleet, regions = {}, defaults }: PartialFleet, report: Report): void {
  const placed: Placed<Cidr6>[] = [];
  for (const [name, region] of Object.entries(regions)) {
    const path = `regions.${name}.ipv6`;
    // What the cloud does not have at all, `checks/clouds.ts` says.
    if (region.ipv6 === undefined || (region.cloud !== undefined && "ipv6" in rulesOf(region.cloud).lacks))
      continue;
    checkBeside(region, defaults, path, report);
    const { cidr: text, pool } = region.ipv6;
    if (pool !== undefined && !limits.ipv6Pool.test(pool))
      report.error(
        "IdInvalid",
        `${path}.pool`,
        `"${pool.slice(0, 60)}" is no id of a pool of IPv6 addresses.`,
        "Write an IPAM pool (ipam-pool-…) or a pool of your own addresses (ipv6pool-ec2-…).",
      );
    const cidr = text === undefined ? undefined : checkCidr(text, `${path}.cidr`, report);
    if (cidr !== undefined && checkPlace(cidr, fleet, `${path}.cidr`, report))
      placed.push({ cidr, path: `${path}.cidr` });
  }
  checkOverlaps(placed, report);
}

/** What IPv6 is not built for. */
function checkBeside(
  { network, routes, address }: PartialRegion,
  defaults: PartialFleet["defaults"],
  path: string,
  report: Report,
): void {
  if (network !== undefined)
    report.error(
      "Ipv6Unsupported",
      path,
      "IPv6 in a network that is there already is not built yet.",
      "Leave `ipv6` or `network` out.",
    );
  // What is said of a shared address holds for its `routes: agent` as well.
  const choice =
    (address ?? defaults?.address) === "moved" ? "moved" : (routes ?? defaults?.routes ?? standard.routes);
  if (choice !== "service")
    report.error("Ipv6Unsupported", path, besides[choice].message, besides[choice].remedy);
}

/** Choices that IPv6 does not go together with. */
const besides = {
  agent: {
    message: "Gateways move IPv4 routes only: `routes: agent` and `ipv6` do not go together yet.",
    remedy: "Let the region follow a Route Server (`routes: service`), or leave `ipv6` out.",
  },
  moved: {
    message: "A pair shares and moves IPv4 alone: `address: moved` and `ipv6` do not go together yet.",
    remedy:
      "Let the region follow a Route Server with an address for each gateway (`routes: service`, `address: own`), or leave `ipv6` out.",
  },
  "transit-gateway": {
    message:
      "A transit gateway is told of IPv4 routes only: `routes: transit-gateway` and `ipv6` do not go together yet.",
    remedy: "Let the region follow a Route Server (`routes: service`), or leave `ipv6` out.",
  },
} as const;

function checkCidr(text: string, path: string, report: Report): Cidr6 | undefined {
  const cidr = parseCidr6(text);
  if (cidr === undefined)
    report.error(
      "CidrInvalid",
      path,
      `"${text.slice(0, 60)}" is no IPv6 network.`,
      "Write one such as fd8a:1b2c:3d00::/56.",
    );
  if (cidr !== "hostBits") return cidr;
  report.error(
    "CidrHostBits",
    path,
    `"${text}" has bits set beyond its prefix.`,
    `Write ${clearHostBits6(text)}, if that is what you mean.`,
  );
  return undefined;
}

function checkPlace(cidr: Cidr6, fleet: string | undefined, path: string, report: Report): boolean {
  const { shortest, longest, step } = limits.ipv6Prefix;
  if (cidr.prefix < shortest || cidr.prefix > longest || cidr.prefix % step !== 0) {
    report.error(
      "CidrSize",
      path,
      `A VPC takes no ${formatCidr6(cidr)}.`,
      `Choose a prefix length from ${String(shortest)} to ${String(longest)} that ${String(step)} divides, such as 56.`,
    );
    return false;
  }
  const taken = reserved.find((other) => overlaps6(other.range, cidr));
  if (taken !== undefined || !routable.some((outer) => overlaps6(outer, cidr))) {
    report.error(
      "CidrReserved",
      path,
      `${formatCidr6(cidr)} lies in ${taken === undefined ? "no range that is routed between sites" : `${taken.text} (${taken.why})`}.`,
      "Choose a unique local network (RFC 4193), or a global one that is yours.",
    );
    return false;
  }
  if (fleet === undefined || !overlaps6(insidePrefix(fleet), cidr)) return true;
  report.error(
    "CidrOverlap",
    path,
    `${formatCidr6(cidr)} overlaps ${formatCidr6(insidePrefix(fleet))}, which the inside addresses of the fleet's tunnels are of.`,
    "Choose another network.",
  );
  return false;
}

function checkOverlaps(placed: readonly Placed<Cidr6>[], report: Report): void {
  for (const { next, widest } of overlapping(placed, lastOf6))
    report.error(
      "CidrOverlap",
      next.path,
      `${formatCidr6(next.cidr)} overlaps ${formatCidr6(widest.cidr)} of ${widest.path}.`,
      "Give one of them another network.",
    );
}

/** Of a text that stands in this file. */
function range(text: string): Cidr6 {
  const cidr = parseCidr6(text);
  if (typeof cidr !== "object") throw new Error(`${text} is no IPv6 network`);
  return cidr;
}
