import { type Family, outsideOf } from "../../fleet/family";
import { homeOf, type Plan, type PlannedRegion } from "../../fleet/plan";
import type { GatewayFacts } from "../../gateway/facts";
import type { FabricHandover, RegionHandover, TrustHandover } from "../handover";

/** The regions that a region has a link with, sorted by name. */
export function neighbourRegions(plan: Plan, region: string): PlannedRegion[] {
  const ends = plan.links.filter((link) => link.ends.includes(region)).flatMap((link) => link.ends);
  return plan.regions.filter(({ name }) => name !== region && ends.includes(name));
}

/**
 * What one gateway's release needs to know beyond the plan.
 * @param fabrics of the managed gateways that its region has links with
 * @throws Error naming the stack that has to come up first
 */
export function factsFor(
  plan: Plan,
  gateway: string,
  regions: readonly RegionHandover[],
  trust: TrustHandover,
  fabrics: readonly FabricHandover[] = [],
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
  const managed = managedPeers(plan, gateway, fabrics);
  return {
    self: {
      privateAddress: self.privateAddress,
      ...(Object.keys(managed).length === 0 ? {} : { publicAddress: self.publicAddress }),
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
    peers: {
      ...managed,
      ...Object.fromEntries(
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
    },
    certificate: identity.certificate,
    roots: trust.roots,
    intermediates: trust.intermediates,
  };
}

/** Public addresses of the managed ends of a gateway's tunnels, by the ends' ids: each gateway has tunnels of its own to them. */
function managedPeers(
  plan: Plan,
  gateway: string,
  fabrics: readonly FabricHandover[],
): Record<string, string> {
  return Object.fromEntries(
    plan.links
      .flatMap(({ tunnels }) => tunnels)
      .flatMap(({ id, ends, managed }) => {
        const end = managed?.connection === gateway ? ends[managed.end] : undefined;
        return end === undefined ? [] : [[end.gateway, managedAddress(fabrics, end.region, id)]];
      }),
  );
}

/**
 * The public address of the managed end of a tunnel.
 * @throws Error naming the stack that has to come up first
 */
export function managedAddress(fabrics: readonly FabricHandover[], region: string, tunnel: string): string {
  const found = fabrics.find((fabric) => fabric.region === region)?.managedAddresses?.[tunnel];
  if (found === undefined)
    throw new Error(
      `The fabric of region ${region} has handed on no address of the tunnel ${tunnel}. Bring that stack up with this fleet file first.`,
    );
  return found;
}

/** @throws Error naming the stack that has to come up first */
export function routesPart<T>(region: string, part: T | undefined): T {
  if (part === undefined)
    throw new Error(
      `Region ${region} has handed on nothing that its routes could lead to. Bring the region's stack up with this fleet file first.`,
    );
  return part;
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
