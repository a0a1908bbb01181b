import { aggregate, wasteOf } from "./aggregate";
import { routesTaken } from "./aws/limits";
import { type Cidr, formatCidr, parseCidr } from "./cidr";
import type { Fleet } from "./fleet";
import type { PlannedFilter } from "./plan";

/** Where a prefix may take addresses of nobody: on the internet, every address is somebody's. */
const privateBlocks = cidrsOf([
  // RFC 1918
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  // RFC 6598
  "100.64.0.0/10",
]);

/**
 * What each region's gateways tell its route service: the networks that other regions told them of, or, where those are
 * more than it takes, prefixes that stand for several. A prefix never takes the region's own networks, another network
 * of the fleet that it does not stand for, or one that gateways are managed from.
 */
export function deriveAnnouncements(
  { regions }: Fleet,
  filters: readonly PlannedFilter[],
): ReadonlyMap<string, readonly string[]> {
  const all = regions.flatMap(({ cidrs }) => cidrs.map(formatCidr));
  const managed = [...new Set(regions.flatMap(({ managementAllowFrom }) => managementAllowFrom))];
  const choices = new Map(regions.map(({ name, routes }) => [name, routes]));
  return new Map(
    [...heardNetworks(filters)].map(([region, heard]) => {
      const told = new Set(heard);
      const prefixes = aggregate(cidrsOf(heard), {
        most: routesTaken[choices.get(region) ?? "service"],
        avoid: cidrsOf([...all.filter((network) => !told.has(network)), ...managed]),
        within: privateBlocks,
      });
      return [region, prefixes.map(formatCidr).sort()];
    }),
  );
}

/** Networks that each region is told of by its neighbours, each once, sorted. */
export function heardNetworks(filters: readonly PlannedFilter[]): ReadonlyMap<string, readonly string[]> {
  const heard = new Map<string, Set<string>>();
  for (const { to, prefixes } of filters) {
    const known = heard.get(to) ?? new Set();
    heard.set(to, known);
    for (const prefix of prefixes) known.add(prefix);
  }
  return new Map([...heard].map(([region, networks]) => [region, [...networks].sort()]));
}

/** Prefixes that take addresses of no network, with how many. */
export function wasteful(
  announced: readonly string[],
  heard: readonly string[],
): { readonly prefix: string; readonly addresses: number }[] {
  const networks = cidrsOf(heard);
  return cidrsOf(announced)
    .map((prefix) => ({ prefix: formatCidr(prefix), addresses: wasteOf(prefix, networks) }))
    .filter(({ addresses }) => addresses > 0);
}

/** Of texts that have been checked. */
function cidrsOf(texts: readonly string[]): Cidr[] {
  return texts.map(parseCidr).filter((cidr) => typeof cidr === "object");
}
