import { formatCidr } from "./cidr";
import { formatCidr6 } from "./cidr6";
import type { Fleet, FleetRegion } from "./fleet";
import type { RegionPair } from "./links";
import type { PlannedFilter, PlannedRoute } from "./plan";

/**
 * What each region tells each neighbour, and the way between each two regions. One rule for all topologies: X tells Y
 * of Z exactly when X is on a shortest way from Y to Z, over regions that may carry transit. In a mesh that is a
 * region's own networks; at a hub, also those of its spokes towards other spokes; a route can never come back.
 */
export function deriveRouting(
  { regions }: Fleet,
  pairs: readonly RegionPair[],
): { readonly filters: PlannedFilter[]; readonly routes: PlannedRoute[] } {
  const neighbours = neighboursOf(regions, pairs);
  const transit = new Set(regions.filter((region) => region.transit).map(({ name }) => name));
  const prefixes = new Map<string, string[]>();
  const routes: PlannedRoute[] = [];
  for (const destination of regions) {
    const ways = waysTo(destination.name, neighbours, transit);
    const { ipv6 } = destination;
    const networks = [
      ...destination.cidrs.map(formatCidr),
      ...(ipv6 === undefined ? [] : [formatCidr6(ipv6.cidr)]),
    ];
    for (const [from, { next }] of ways) {
      for (const teller of next) append(prefixes, `${teller}>${from}`, networks);
      routes.push({ from, to: destination.name, via: wayFrom(from, destination.name, ways) });
    }
  }
  const filters = pairs.flatMap(({ id, ends: [one, other] }) =>
    [
      { from: one, to: other },
      { from: other, to: one },
    ].map(({ from, to }): PlannedFilter => ({
      link: id,
      from,
      to,
      prefixes: (prefixes.get(`${from}>${to}`) ?? []).sort(),
    })),
  );
  return {
    filters,
    routes: routes.sort((one, other) => order(one.from, other.from) || order(one.to, other.to)),
  };
}

interface Way {
  readonly hops: number;
  /** Every neighbour that is on a shortest way, sorted. */
  readonly next: readonly string[];
}

/** Shortest ways of all regions to one, breadth first from its end. */
function waysTo(
  destination: string,
  neighbours: ReadonlyMap<string, readonly string[]>,
  transit: ReadonlySet<string>,
): Map<string, Way> {
  const hops = new Map([[destination, 0]]);
  const ways = new Map<string, Way>();
  let ring = [destination];
  for (let distance = 1; ring.length > 0; distance += 1) {
    const tellers = new Map<string, string[]>();
    for (const teller of ring) {
      if (teller !== destination && !transit.has(teller)) continue;
      for (const listener of neighbours.get(teller) ?? [])
        if (!hops.has(listener)) append(tellers, listener, [teller]);
    }
    for (const [listener, next] of tellers) {
      hops.set(listener, distance);
      ways.set(listener, { hops: distance, next: next.sort() });
    }
    ring = [...tellers.keys()];
  }
  return ways;
}

function wayFrom(from: string, to: string, ways: ReadonlyMap<string, Way>): string[] {
  const via = [from];
  for (let at = from; at !== to;) {
    at = ways.get(at)?.next[0] ?? to;
    via.push(at);
  }
  return via;
}

function neighboursOf(regions: readonly FleetRegion[], pairs: readonly RegionPair[]): Map<string, string[]> {
  const neighbours = new Map(regions.map(({ name }) => [name, new Array<string>()]));
  for (const {
    ends: [one, other],
  } of pairs) {
    neighbours.get(one)?.push(other);
    neighbours.get(other)?.push(one);
  }
  return neighbours;
}

function append<T>(lists: Map<string, T[]>, key: string, values: readonly T[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...values]);
  else list.push(...values);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
