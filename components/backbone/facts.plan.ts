import { type Family, outsideOf } from "../../fleet/family";
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
  const shared = own?.shared === undefined ? undefined : sharedBy(home);
  return {
    self: {
      privateAddress: self.privateAddress,
      ...(shared === undefined
        ? {}
        : { sharedAddress: known(shared.privateAddresses[gateway], `region ${home.region}`) }),
      routerAddress: self.routerAddress,
      ...(self.ipv6 === undefined ? {} : { ipv6: self.ipv6 }),
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
            ...(shared === undefined
              ? {}
              : {
                  address: { allocation: shared.allocationId, privateAddresses: shared.privateAddresses },
                }),
          },
        }),
    peers: Object.fromEntries(
      regions.flatMap((handover) => {
        if (handover.region === own?.name)
          return handover.gateways
            .filter(({ id }) => id !== gateway)
            .map(({ id, privateAddress }) => [id, privateAddress]);
        const region = plan.regions.find(({ name }) => name === handover.region);
        const outside = own === undefined || region === undefined ? "ipv4" : outsideOf(own, region);
        return peersOf(region, handover, outside).map(({ end, address }) => [end, address]);
      }),
    ),
    certificate: identity.certificate,
    roots: trust.roots,
    intermediates: trust.intermediates,
  };
}

/**
 * What others reach a region by: each end of its tunnels, and its public address of the family that the link is of.
 * @throws Error when a gateway has none of that family yet, with the stack that has to come up first
 */
export function peersOf(
  region: PlannedRegion | undefined,
  handover: RegionHandover,
  outside: Family,
): readonly { readonly end: string; readonly address: string }[] {
  if (region?.shared !== undefined)
    return [{ end: region.shared.id, address: sharedBy(handover).publicAddress }];
  return handover.gateways.map(({ id, publicAddress, ipv6 }) => {
    const address = outside === "ipv6" ? ipv6?.address : publicAddress;
    if (address === undefined)
      throw new Error(
        `The hand-over of region ${handover.region} names no IPv6 address of ${id}. Bring that stack up with this fleet file first.`,
      );
    return { end: id, address };
  });
}

function sharedBy({ region, shared }: RegionHandover): NonNullable<RegionHandover["shared"]> {
  if (shared === undefined)
    throw new Error(
      `The hand-over of region ${region} names no address that its pair shares. Bring that stack up with this fleet file first.`,
    );
  return shared;
}

function known<T>(value: T | undefined, layer: string): T {
  if (value === undefined)
    throw new Error(
      `The hand-over of ${layer} lacks this gateway. Bring that stack up with this fleet file first.`,
    );
  return value;
}
