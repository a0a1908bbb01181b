import { networksOf } from "./family";
import type { Plan } from "./plan";
import { endsOf } from "./tunnel-ends";

export interface Reachability {
  /** Unordered pairs, each once with sorted names, that lack a way in at least one direction. */
  readonly never: readonly { readonly from: string; readonly to: string }[];
  /** Ordered pairs that have a way while all gateways are up, and none without `lost`. */
  readonly afterLoss: readonly { readonly from: string; readonly to: string; readonly lost: string }[];
}

/**
 * Routes computed gateway by gateway over the planned sessions and filters, as BGP would pass them on: a gateway
 * knows a region's networks when a gateway at the other end of one of its tunnels does, and that link's filter lets
 * them pass. Gateways of one region tell each other nothing. Then again without each gateway that others depend on. A pair
 * that shares an address is one such gateway, and whichever of the two is lost, the other has its tunnels.
 */
export function reachability(plan: Plan): Reachability {
  const gateways = new Map(plan.regions.map((region) => [region.name, endsOf(region)]));
  const pairs = new Set(plan.regions.flatMap(({ shared }) => (shared === undefined ? [] : [shared.id])));
  const sessions = sessionsByDestination(plan);
  const never = new Set<string>();
  const afterLoss: { from: string; to: string; lost: string }[] = [];
  const names = plan.regions.map(({ name }) => name);
  for (const to of names) {
    const edges = sessions.get(to) ?? new Map<string, string[]>();
    const { parents, known } = spread(gateways.get(to) ?? [], edges, undefined);
    const reaches = (all: ReadonlySet<string>, from: string, lost?: string): boolean =>
      (gateways.get(from) ?? []).some((id) => id !== lost && all.has(id));
    for (const from of names)
      if (from !== to && !reaches(known, from)) never.add(from < to ? `${from} ${to}` : `${to} ${from}`);
    // A gateway whose loss can matter: of the destination, one that others learned from, or the source's own.
    for (const lost of new Set([...(gateways.get(to) ?? []), ...parents])) {
      if (pairs.has(lost)) continue;
      const left = spread(
        (gateways.get(to) ?? []).filter((id) => id !== lost),
        edges,
        lost,
      ).known;
      for (const from of names)
        if (from !== to && reaches(known, from) && !reaches(left, from, lost))
          afterLoss.push({ from, to, lost });
    }
    for (const from of names) {
      if (from === to) continue;
      const able = (gateways.get(from) ?? []).filter((id) => known.has(id));
      const [only] = able;
      if (able.length === 1 && only !== undefined && !parents.has(only) && !pairs.has(only))
        afterLoss.push({ from, to, lost: only });
    }
  }
  return {
    never: [...never].sort().map((pair) => {
      const [from = "", to = ""] = pair.split(" ");
      return { from, to };
    }),
    afterLoss,
  };
}

/** Who tells whom, over which sessions, by the region whose networks are told of. */
function sessionsByDestination({ regions, links, filters }: Plan): Map<string, Map<string, string[]>> {
  const owner = new Map(regions.flatMap((region) => networksOf(region).map((cidr) => [cidr, region.name])));
  const tunnels = new Map(links.map((link) => [link.id, link.tunnels]));
  const sessions = new Map<string, Map<string, string[]>>();
  for (const { link, from, prefixes } of filters) {
    // A region counts as told of when all of its networks are.
    const told = new Map<string, number>();
    for (const prefix of prefixes) {
      const name = owner.get(prefix);
      if (name !== undefined) told.set(name, (told.get(name) ?? 0) + 1);
    }
    for (const name of told.keys()) {
      const edges = sessions.get(name) ?? new Map<string, string[]>();
      sessions.set(name, edges);
      for (const { ends } of tunnels.get(link) ?? []) {
        const teller = ends[0].region === from ? ends[0].gateway : ends[1].gateway;
        const listener = ends[0].region === from ? ends[1].gateway : ends[0].gateway;
        const list = edges.get(teller);
        if (list === undefined) edges.set(teller, [listener]);
        else list.push(listener);
      }
    }
  }
  return sessions;
}

/** Gateways that come to know, breadth first; `parents` are those that told somebody beyond the origin. */
function spread(
  origin: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
  lost: string | undefined,
): { readonly known: Set<string>; readonly parents: Set<string> } {
  const known = new Set(origin);
  const parents = new Set<string>();
  const queue = [...origin];
  for (let teller = queue.pop(); teller !== undefined; teller = queue.pop())
    for (const listener of edges.get(teller) ?? []) {
      if (listener === lost || known.has(listener)) continue;
      known.add(listener);
      queue.push(listener);
      if (!origin.includes(teller)) parents.add(teller);
    }
  return { known, parents };
}
