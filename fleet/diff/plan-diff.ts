import type { Family } from "../family";
import { type Plan, type PlannedFilter, type PlannedRegion, planFormat } from "../plan";
import { type FieldChange, fieldChanges } from "./fields";
import { type TunnelDiff, tunnelDiffs } from "./tunnels";

/**
 * What one plan has otherwise than another: pure, and nothing exactly where the two are equal. Lists are sorted by name, so
 * that the same two plans give the same bytes; the other way round `added` and `removed`, `before` and `after` change places.
 */
export interface PlanDiff {
  readonly format: typeof planDiffFormat;
  readonly fleet: string;
  /** Of the fleet as a whole: topology and trust. */
  readonly fields: readonly FieldChange[];
  readonly regions: readonly RegionDiff[];
  /** Own gateways on which something changes, whoever's edit it is. A cloud's managed gateway stands with its region. */
  readonly gateways: readonly GatewayDiff[];
  /** Between regions and within each pair. */
  readonly tunnels: readonly TunnelDiff[];
  /** Links in both plans whose packets travel over another family. */
  readonly families: readonly FamilyChange[];
  /** Pairs of regions in both plans whose packets pass other regions. */
  readonly ways: readonly WayChange[];
}

export const planDiffFormat = "trunkline.plan-diff/1";

export type Change = "added" | "removed" | "changed";

export interface Entries {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface RegionDiff {
  readonly region: string;
  readonly change: Change;
  /** Of one that is in both plans; without what stands in lists of its own. */
  readonly fields: readonly FieldChange[];
  /** What other regions are told by it and may tell it, by the other region. */
  readonly neighbours: readonly NeighbourDiff[];
  /** What its own network is told of other regions. */
  readonly announced: Entries;
  /** What its route service costs and how long its failover takes; `before` or `after` alone where the region comes or goes. */
  readonly facts: readonly FieldChange[];
  readonly dollarsPerMonth: { readonly before: number; readonly after: number };
}

export interface NeighbourDiff {
  readonly region: string;
  readonly told: Entries;
  readonly accepted: Entries;
}

export interface GatewayDiff {
  readonly gateway: string;
  readonly region: string;
  readonly change: Change;
  /** Its own; of one that is in both plans. */
  readonly fields: readonly FieldChange[];
  /** Whether something of its region changes that its machine or its release may depend on. */
  readonly byRegion: boolean;
  /** Ids of those that end at it; what of them changes is in `tunnels` of the whole. */
  readonly tunnels: Entries & { readonly changed: readonly string[] };
}

export interface FamilyChange {
  readonly link: string;
  readonly ends: readonly [string, string];
  readonly before: Family;
  readonly after: Family;
}

export interface WayChange {
  readonly from: string;
  readonly to: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The plan of a fleet of which nothing is there yet: what a new fleet is compared with. */
export function emptyPlan({ fleet, topology, trust }: Plan): Plan {
  return { format: planFormat, fleet, topology, trust, regions: [], links: [], filters: [], routes: [] };
}

export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const tunnels = tunnelDiffs(before, after);
  const regions = regionDiffs(before, after);
  return {
    format: planDiffFormat,
    fleet: after.fleet,
    fields: fieldChanges(
      { fleet: before.fleet, topology: before.topology, trust: before.trust },
      { fleet: after.fleet, topology: after.topology, trust: after.trust },
    ),
    regions,
    gateways: gatewayDiffs(before, after, regions, tunnels),
    tunnels,
    families: familyChanges(before, after),
    ways: wayChanges(before, after),
  };
}

/** Whether the two plans are equal. */
export function isEmptyDiff({ fields, regions, gateways, tunnels, families, ways }: PlanDiff): boolean {
  return [fields, regions, gateways, tunnels, families, ways].every(({ length }) => length === 0);
}

function regionDiffs(before: Plan, after: Plan): RegionDiff[] {
  const [filtersBefore, filtersAfter] = [filtersByRegion(before), filtersByRegion(after)];
  return paired(before.regions, after.regions, ({ name }) => name).flatMap(
    ([region, was, is]): RegionDiff[] => {
      const fields =
        was === undefined || is === undefined
          ? []
          : [
              ...fieldChanges(itself(was), itself(is)),
              ...fieldChanges(foreignAsns(before, was), foreignAsns(after, is), "otherAsns"),
            ];
      const neighbours = neighbourDiffs(
        region,
        filtersBefore.get(region) ?? [],
        filtersAfter.get(region) ?? [],
      );
      const announced = entries(was?.routeService.announced, is?.routeService.announced);
      const facts = fieldChanges(was?.routeService.facts, is?.routeService.facts, "facts");
      const change = changeOf(was, is);
      if (
        change === "changed" &&
        [fields, neighbours, announced.added, announced.removed, facts].every(({ length }) => length === 0)
      )
        return [];
      const dollarsPerMonth = {
        before: was?.routeService.facts.dollarsPerMonth ?? 0,
        after: is?.routeService.facts.dollarsPerMonth ?? 0,
      };
      return [{ region, change, fields, neighbours, announced, facts, dollarsPerMonth }];
    },
  );
}

/** A region without what the diff lists by itself. */
function itself({ gateways, pairTunnels, routeService, ...rest }: PlannedRegion): object {
  const { announced, facts, ...service } = routeService;
  void [gateways, pairTunnels, announced, facts];
  return { ...rest, routeService: service };
}

/** Where a route service is told of prefixes that stand for several, its AS paths leave out all that the fleet has elsewhere. */
function foreignAsns(
  { regions, filters }: Plan,
  { name, routeService }: PlannedRegion,
): readonly number[] | undefined {
  const heard = new Set(filters.flatMap(({ to, prefixes }) => (to === name ? prefixes : [])));
  if (routeService.announced.every((prefix) => heard.has(prefix))) return undefined;
  return regions.filter((other) => other.name !== name).map(({ asn }) => asn);
}

function filtersByRegion({ filters }: Plan): ReadonlyMap<string, readonly PlannedFilter[]> {
  const found = new Map<string, PlannedFilter[]>();
  for (const filter of filters)
    for (const region of [filter.from, filter.to]) {
      const list = found.get(region);
      if (list === undefined) found.set(region, [filter]);
      else list.push(filter);
    }
  return found;
}

function neighbourDiffs(
  region: string,
  before: readonly PlannedFilter[],
  after: readonly PlannedFilter[],
): NeighbourDiff[] {
  const toldBy = (filters: readonly PlannedFilter[]) =>
    new Map(filters.flatMap(({ from, to, prefixes }) => (from === region ? [[to, prefixes] as const] : [])));
  const acceptedBy = (filters: readonly PlannedFilter[]) =>
    new Map(filters.flatMap(({ from, to, prefixes }) => (to === region ? [[from, prefixes] as const] : [])));
  const [toldBefore, toldAfter] = [toldBy(before), toldBy(after)];
  const [acceptedBefore, acceptedAfter] = [acceptedBy(before), acceptedBy(after)];
  return [...new Set([...toldBefore.keys(), ...toldAfter.keys()])]
    .sort()
    .flatMap((other): NeighbourDiff[] => {
      const told = entries(toldBefore.get(other), toldAfter.get(other));
      const accepted = entries(acceptedBefore.get(other), acceptedAfter.get(other));
      const all = [told.added, told.removed, accepted.added, accepted.removed];
      return all.every(({ length }) => length === 0) ? [] : [{ region: other, told, accepted }];
    });
}

function gatewayDiffs(
  before: Plan,
  after: Plan,
  regions: readonly RegionDiff[],
  tunnels: readonly TunnelDiff[],
): GatewayDiff[] {
  const placed = ({ regions: all }: Plan) =>
    all.flatMap(({ name, gateways }) => gateways.map((gateway) => ({ region: name, gateway })));
  const ending = new Map<string, TunnelDiff[]>();
  for (const tunnel of tunnels)
    for (const gateway of tunnel.gateways) {
      const list = ending.get(gateway);
      if (list === undefined) ending.set(gateway, [tunnel]);
      else list.push(tunnel);
    }
  const touching = new Set(regions.filter(touchesGateways).map(({ region }) => region));
  return paired(placed(before), placed(after), ({ gateway }) => gateway.id).flatMap(
    ([gateway, was, is]): GatewayDiff[] => {
      const region = is?.region ?? was?.region ?? "";
      const fields = was === undefined || is === undefined ? [] : fieldChanges(was.gateway, is.gateway);
      const own = ending.get(gateway) ?? [];
      const idsOf = (change: Change) => own.filter((tunnel) => tunnel.change === change).map(({ id }) => id);
      const byRegion = touching.has(region);
      const change = changeOf(was, is);
      if (change === "changed" && fields.length + own.length === 0 && !byRegion) return [];
      const ends = { added: idsOf("added"), removed: idsOf("removed"), changed: idsOf("changed") };
      return [{ gateway, region, change, fields, byRegion, tunnels: ends }];
    },
  );
}

/** Tags stand at a cloud's resources and what something costs nowhere; all else a machine or a release may depend on. */
function touchesGateways({ change, fields, neighbours, announced }: RegionDiff): boolean {
  return (
    change !== "changed" ||
    neighbours.length + announced.added.length + announced.removed.length > 0 ||
    fields.some(({ field }) => !/^tags\b/.test(field))
  );
}

function familyChanges(before: Plan, after: Plan): FamilyChange[] {
  return paired(before.links, after.links, ({ id }) => id).flatMap(([link, was, is]): FamilyChange[] => {
    const [one, other] = [was?.tunnels[0]?.outside, is?.tunnels[0]?.outside];
    if (is === undefined || one === undefined || other === undefined || one === other) return [];
    return [{ link, ends: is.ends, before: one, after: other }];
  });
}

function wayChanges(before: Plan, after: Plan): WayChange[] {
  return paired(before.routes, after.routes, ({ from, to }) => `${from} ${to}`).flatMap(
    ([, was, is]): WayChange[] =>
      was === undefined || is === undefined || was.via.join() === is.via.join()
        ? []
        : [{ from: is.from, to: is.to, before: was.via, after: is.via }],
  );
}

function entries(before: readonly string[] = [], after: readonly string[] = []): Entries {
  const [were, are] = [new Set(before), new Set(after)];
  return {
    added: after.filter((entry) => !were.has(entry)),
    removed: before.filter((entry) => !are.has(entry)),
  };
}

/** What stands in either list, by name and sorted by it. */
function paired<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (entry: T) => string,
): (readonly [name: string, before: T | undefined, after: T | undefined])[] {
  const [were, are] = [before, after].map((list) => new Map(list.map((entry) => [nameOf(entry), entry])));
  return [...new Set([...(were?.keys() ?? []), ...(are?.keys() ?? [])])]
    .sort()
    .map((name) => [name, were?.get(name), are?.get(name)] as const);
}

function changeOf(before: unknown, after: unknown): Change {
  return before === undefined ? "added" : after === undefined ? "removed" : "changed";
}
