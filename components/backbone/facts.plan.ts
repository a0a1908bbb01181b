import type { Plan, PlannedRegion } from "../../fleet/plan";
import type { RegionHandover, TrustHandover } from "../handover";

/** The regions that a region has a link with, sorted by name. */
export function neighbourRegions(plan: Plan, region: string): PlannedRegion[] {
  const ends = plan.links.filter((link) => link.ends.includes(region)).flatMap((link) => link.ends);
  return plan.regions.filter(({ name }) => name !== region && ends.includes(name));
}

/** FIXME adapt to gateway/facts.ts */
export function factsFor(
  plan: Plan,
  gateway: string,
  regions: readonly RegionHandover[],
  trust: TrustHandover,
) {
  const own = plan.regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway));
  const all = regions.flatMap(({ gateways }) => gateways);
  const self = all.find(({ id }) => id === gateway);
  const identity = trust.gateways.find(({ id }) => id === gateway);
  return {
    self: { privateAddress: self?.privateAddress, routerAddress: self?.routerAddress },
    endpoints: regions.find(({ region }) => region === own?.name)?.routeService.endpoints,
    peers: Object.fromEntries(
      all.filter(({ id }) => id !== gateway).map(({ id, publicAddress }) => [id, publicAddress]),
    ),
    certificate: identity?.certificate,
    roots: trust.roots,
    intermediates: trust.intermediates,
  };
}
