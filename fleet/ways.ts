import { networksOf } from "./family";
import type { Plan, PlannedGateway, PlannedRegion } from "./plan";
import { endOf, endsOf } from "./tunnel-ends";

/** Where packets for one region go, gateway by gateway. */
export interface Ways {
  /**
   * By gateway: the gateways at the other ends of the tunnels that it sends them out by, sorted, all in use at once; or
   * the partner that it hands them to when no tunnel of its own leads there. Absent: it has no way. A pair that shares an
   * address is met at its id, and has its tunnels at the gateway that holds it.
   */
  readonly next: ReadonlyMap<string, readonly string[]>;
  /**
   * By region: the gateway that its route service sends them to, of those that have a tunnel that leads there. A transit
   * gateway, and an Azure Route Server, send them to all that are equal, of which this is the first.
   */
  readonly entry: ReadonlyMap<string, string>;
}

/** A path as a gateway that knows it would tell it. */
interface Path {
  /** ASNs in the AS path. */
  readonly length: number;
  readonly next: readonly string[];
}

/**
 * What bgpd chooses on each gateway, over the planned sessions and filters, with what each gateway tells its routes with:
 * own tunnels before the partner (LOCAL_PREF), then the shorter AS path, then the lower MED, whichever region told it; of
 * what is equal, all. A route service compares the same and takes one.
 * @param to the region whose networks they are for
 * @param lost a gateway that is not there
 * @param holder of a pair that shares an address the gateway that holds it; by default the first that is there
 * @see RFC 4271, section 9.1.2.2
 */
export function waysTo({ regions, links, filters }: Plan, to: string, lost?: string, holder?: string): Ways {
  const destination = regions.find(({ name }) => name === to);
  const networks = destination === undefined ? [] : networksOf(destination);
  const telling = new Set(
    filters
      .filter(({ prefixes }) => networks.every((network) => prefixes.includes(network)))
      .map(({ link, from }) => `${link}>${from}`),
  );
  const there = new Map<string, Teller>(
    regions.flatMap((region) => tellersOf(region, lost)).map((teller) => [teller.id, teller] as const),
  );
  const tellers = new Map<string, Teller[]>();
  for (const { id, tunnels } of links)
    for (const { ends } of tunnels)
      for (const [teller, hearer] of [ends, [ends[1], ends[0]] as const]) {
        const gateway = there.get(teller.gateway);
        if (gateway !== undefined && there.has(hearer.gateway) && telling.has(`${id}>${teller.region}`))
          tellers.set(hearer.gateway, [...(tellers.get(hearer.gateway) ?? []), gateway]);
      }
  const paths = new Map<string, Path | undefined>(
    [...there.keys()]
      .filter((id) => regions.some((region) => region.name === to && endsOf(region).includes(id)))
      .map((id) => [id, { length: 0, next: [] }]),
  );
  // Who tells is nearer than who hears, so this ends.
  const pathOf = (id: string): Path | undefined => {
    if (!paths.has(id)) paths.set(id, best(tellers.get(id) ?? [], pathOf));
    return paths.get(id);
  };
  const next = new Map<string, readonly string[]>();
  const entry = new Map<string, string>();
  for (const region of regions) {
    const { name, gateways, shared } = region;
    if (name === to) continue;
    const present = gateways.filter(({ id }) => id !== lost);
    const holds = present.find(({ id }) => id === holder) ?? present[0];
    const pathAt = (id: string): Path | undefined =>
      shared === undefined || id === holds?.id ? pathOf(endOf(region, id)) : undefined;
    const able = present.filter(({ id }) => pathAt(id) !== undefined);
    const first = lowest(able, ({ id, med }) => [pathAt(id)?.length ?? Infinity, med])[0];
    if (first !== undefined) entry.set(name, first.id);
    for (const { id } of present) {
      const own =
        pathAt(id)?.next ??
        lowest(able, (gateway) => [pathAt(gateway.id)?.length ?? Infinity])
          .map((gateway) => gateway.id)
          .slice(0, 1);
      if (own.length > 0) next.set(id, own);
    }
  }
  return { next, entry };
}

type Teller = Pick<PlannedGateway, "id" | "told">;

/** Who of a region tells others of it: its gateways that are there, or its pair while one of the two is. */
function tellersOf({ gateways, shared, managed }: PlannedRegion, lost: string | undefined): Teller[] {
  if (managed !== undefined)
    return managed.ends.filter((id) => id !== lost).map((id) => ({ id, told: { med: 0, prepend: 0 } }));
  const present = gateways.filter(({ id }) => id !== lost);
  const [first] = present;
  if (shared === undefined) return present;
  return first === undefined ? [] : [{ id: shared.id, told: first.told }];
}

function best(tellers: readonly Teller[], pathOf: (id: string) => Path | undefined): Path | undefined {
  const offers = tellers.flatMap(({ id, told }) => {
    const path = pathOf(id);
    return path === undefined ? [] : [{ id, length: path.length + 1 + told.prepend, med: told.med }];
  });
  const chosen = lowest(offers, ({ length, med }) => [length, med]);
  const [one] = chosen;
  return one === undefined ? undefined : { length: one.length, next: chosen.map(({ id }) => id).sort() };
}

/** All whose numbers are the lowest, compared from the left. */
function lowest<T>(of: readonly T[], numbers: (each: T) => readonly number[]): T[] {
  const compare = (one: readonly number[], other: readonly number[]): number =>
    one.map((number, index) => number - (other[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  const sorted = of
    .map((each) => ({ each, by: numbers(each) }))
    .sort((one, other) => compare(one.by, other.by));
  const [least] = sorted;
  return sorted
    .filter(({ by }) => least !== undefined && compare(by, least.by) === 0)
    .map(({ each }) => each);
}
