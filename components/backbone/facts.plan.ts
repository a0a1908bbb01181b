import { homeOf, type Plan, type PlannedRegion } from "../../fleet/plan";
import type { GatewayFacts } from "../../gateway/facts";
import type { RegionHandover, TrustHandover } from "../handover";

/** The regions that a region has a link with, sorted by name. */
export function neighbourRegions(plan: Plan, region: string): PlannedRegion[] {
  const ends = plan.links.filter((link) => link.ends.includes(region)).flatMap((link) => link.ends);
  return plan.regions.filter(({ name }) => name !== region && ends.includes(name));
}

/**
 * What one gateway's release needs to know beyond the plan.
 * @throws Error naming the stack that has to come up first
 */
export function factsFor(
  plan: Plan,
  gateway: string,
  regions: readonly RegionHandover[],
  trust: TrustHandover,
): GatewayFacts {
  const own = homeOf(plan, gateway);
  const all = regions.flatMap(({ gateways }) => gateways);
  const self = known(
    all.find(({ id }) => id === gateway),
    `region ${own?.name ?? gateway}`,
  );
  const identity = known(
    trust.gateways.find(({ id }) => id === gateway),
    "trust",
  );
  const home = known(
    regions.find(({ region }) => region === own?.name),
    `region ${own?.name ?? gateway}`,
  );
  return {
    self: {
      privateAddress: self.privateAddress,
      routerAddress: self.routerAddress,
      system: self.system,
    },
    endpoints: home.routeService.endpoints,
    ...(home.agent === undefined
      ? {}
      : {
          agent: {
            cloudRegion: home.cloudRegion,
            routeTables: Object.values(home.agent.routeTables).sort(),
            interfaces: home.agent.interfaces,
          },
        }),
    peers: Object.fromEntries(
      regions.flatMap(({ region, gateways }) =>
        gateways
          .filter(({ id }) => id !== gateway)
          .map(({ id, privateAddress, publicAddress }) => [
            id,
            region === own?.name ? privateAddress : publicAddress,
          ]),
      ),
    ),
    certificate: identity.certificate,
    roots: trust.roots,
    intermediates: trust.intermediates,
  };
}

function known<T>(value: T | undefined, layer: string): T {
  if (value === undefined)
    throw new Error(
      `The hand-over of ${layer} lacks this gateway. Bring that stack up with this fleet file first.`,
    );
  return value;
}
