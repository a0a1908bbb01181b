import type { Plan, PlannedGateway } from "./plan";

/** Where packets for one region go, gateway by gateway. */
export interface Ways {
  /**
   * By gateway: the gateways at the other ends of the tunnels that it sends them out by, sorted, all in use at once; or
   * the partner that it hands them to when no tunnel of its own leads there. Absent: it has no way.
   */
  readonly next: ReadonlyMap<string, readonly string[]>;
  /**
   * By region: the gateway that its route service sends them to, of those that have a tunnel that leads there. A transit
   * gateway sends them to all that are equal, of which this is the first.
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
 * @see RFC 4271, section 9.1.2.2
 */
export function waysTo({ regions, links, filters }: Plan, to: string, lost?: string): Ways {
  const networks = regions.find(({ name }) => name === to)?.cidrs ?? [];
  const telling = new Set(
    filters
      .filter(({ prefixes }) => networks.every((network) => prefixes.includes(network)))
      .map(({ link, from }) => `${link}>${from}`),
  );
  const there = new Map<string, PlannedGateway>(
    regions.flatMap(({ gateways }) =>
      gateways.filter(({ id }) => id !== lost).map((gateway) => [gateway.id, gateway] as const),
    ),
  );
  const tellers = new Map<string, PlannedGateway[]>();
  for (const { id, tunnels } of links)
    for (const { ends } of tunnels)
      for (const [teller, hearer] of [ends, [ends[1], ends[0]] as const]) {
        const gateway = there.get(teller.gateway);
        if (gateway !== undefined && there.has(hearer.gateway) && telling.has(`${id}>${teller.region}`))
          tellers.set(hearer.gateway, [...(tellers.get(hearer.gateway) ?? []), gateway]);
      }
  const paths = new Map<string, Path | undefined>(
    [...there.keys()]
      .filter((id) =>
        regions.some(({ name, gateways }) => name === to && gateways.some((own) => own.id === id)),
      )
      .map((id) => [id, { length: 0, next: [] }]),
  );
  // Who tells is nearer than who hears, so this ends.
  const pathOf = (id: string): Path | undefined => {
    if (!paths.has(id)) paths.set(id, best(tellers.get(id) ?? [], pathOf));
    return paths.get(id);
  };
  const next = new Map<string, readonly string[]>();
  const entry = new Map<string, string>();
  for (const { name, gateways } of regions) {
    if (name === to) continue;
    const present = gateways.filter(({ id }) => there.has(id));
    const able = present.filter(({ id }) => pathOf(id) !== undefined);
    const first = lowest(able, ({ id, med }) => [pathOf(id)?.length ?? Infinity, med])[0];
    if (first !== undefined) entry.set(name, first.id);
    for (const { id } of present) {
      const own =
        pathOf(id)?.next ??
        lowest(able, (gateway) => [pathOf(gateway.id)?.length ?? Infinity])
          .map((gateway) => gateway.id)
          .slice(0, 1);
      if (own.length > 0) next.set(id, own);
    }
  }
  return { next, entry };
}

function best(
  tellers: readonly PlannedGateway[],
  pathOf: (id: string) => Path | undefined,
): Path | undefined {
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
