import { heardNetworks, takenBy } from "../announce";
import { limits } from "../aws/limits";
import { unfitBlock } from "../aws/transit-gateway";
import { formatCidr, overlaps, parseCidr } from "../cidr";
import { defaults as standard } from "../defaults";
import type { PartialFleet } from "../parse";
import type { Plan } from "../plan";
import type { Report } from "../report";
import { checkCidr } from "./networks";

/** Where a transit gateway's own addresses come from, as it is written: of a region that has one, and what AWS takes. */
export function checkTransitGatewayCidrs({ regions = {}, defaults }: PartialFleet, report: Report): void {
  for (const [name, { routes, transitGatewayCidr: text }] of Object.entries(regions)) {
    if (text === undefined) continue;
    const path = `regions.${name}.transitGatewayCidr`;
    if ((routes ?? defaults?.routes ?? standard.routes) !== "transit-gateway") {
      report.error(
        "KeyConflict",
        path,
        "`transitGatewayCidr` belongs to `routes: transit-gateway`.",
        "Write that, or remove it.",
      );
      continue;
    }
    const cidr = checkCidr(text, path, report);
    const why = cidr === undefined ? undefined : unfitBlock(cidr);
    if (cidr !== undefined && why !== undefined)
      report.error(
        "CidrSize",
        path,
        `A transit gateway takes no addresses from ${formatCidr(cidr)}: it ${why}.`,
        `Choose a network with a prefix length of at most ${String(limits.transitGateway.cidrPrefix.longest)}, apart from 169.254.0.0/16.`,
      );
  }
}

/** Its addresses are of nobody else, it is told no more than it takes, and the account has room for it. */
export function checkTransitGateways({ regions, filters }: Plan, report: Report): void {
  const heard = heardNetworks(filters);
  const used = regions.flatMap(({ name, cidrs, managementAllowFrom }) => [
    ...cidrs.map((cidr) => ({ cidr, whose: name })),
    ...managementAllowFrom.map((cidr) => ({ cidr, whose: "management" })),
  ]);
  const most = limits.transitGateway.routesFromPeer;
  const inRegion = new Map<string, number>();
  for (const region of regions) {
    const { name, cloudRegion, routeService } = region;
    if (routeService.kind !== "transit-gateway") continue;
    inRegion.set(cloudRegion, (inRegion.get(cloudRegion) ?? 0) + 1);
    const clash = used.find(({ cidr }) => overlapping(cidr, routeService.cidr));
    const path = `regions.${name}.transitGatewayCidr`;
    if (clash !== undefined)
      report.error(
        "CidrOverlap",
        report.has(path) ? path : `regions.${name}`,
        `The transit gateway's own ${routeService.cidr} overlaps ${clash.cidr} of ${clash.whose}.`,
        "Write `transitGatewayCidr`, a /24 that nobody uses, such as 192.0.2.0/24.",
      );
    const networks = takenBy(region, heard.get(name) ?? []).length;
    if (networks > most)
      report.error(
        "TransitGatewayRoutesExceeded",
        `regions.${name}`,
        `Each of its gateways would tell its transit gateway of ${String(networks)} networks; AWS takes ${String(most)} from a Connect peer.`,
        "Ask AWS for a higher quota, let the region follow a Route Server (`routes: service`), or split the fleet.",
      );
    const count = inRegion.get(cloudRegion) ?? 0;
    if (count === limits.transitGateway.perAccount + 1)
      report.warning(
        "TransitGatewayQuota",
        `regions.${name}`,
        `${cloudRegion} needs more than ${String(limits.transitGateway.perAccount)} transit gateways, which is what a fresh account has.`,
        "Ask AWS for a higher quota (Transit gateways per account) before `up`.",
      );
  }
}

function overlapping(one: string, other: string): boolean {
  const [first, second] = [parseCidr(one), parseCidr(other)];
  return typeof first === "object" && typeof second === "object" && overlaps(first, second);
}
