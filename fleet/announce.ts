import { aggregate, wasteOf } from "./aggregate";
import { type Cidr, formatCidr, parseCidr } from "./cidr";
import { takerOf } from "./clouds";
import { ofFamily } from "./family";
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
 * more than it takes, prefixes that stand for several IPv4 ones; IPv6 networks stand for themselves, and only where the
 * region's own network has IPv6. A prefix never takes the region's own networks, another network
 * of the fleet that it does not stand for, or one that gateways are managed from.
 */
export function deriveAnnouncements(
  { regions }: Fleet,
  filters: readonly PlannedFilter[],
): ReadonlyMap<string, readonly string[]> {
  const all = regions.flatMap(({ cidrs }) => cidrs.map(formatCidr));
  const managed = [...new Set(regions.flatMap(({ managementAllowFrom }) => managementAllowFrom))];
  const most = new Map(
    regions.map((region) => {
      const { exact, most: taken } = takerOf(region) ?? { most: 1 };
      return [region.name, exact === true ? Infinity : taken];
    }),
  );
  const speaking = new Set(regions.filter(({ ipv6 }) => ipv6 !== undefined).map(({ name }) => name));
  return new Map(
    [...heardNetworks(filters)].map(([region, heard]) => {
      const told = new Set(heard);
      const ipv6 = speaking.has(region) ? ofFamily("ipv6", heard) : [];
      const prefixes = aggregate(cidrsOf(heard), {
        // Where IPv6 takes all, one is still too much, and refused.
        most: Math.max(1, (most.get(region) ?? 1) - ipv6.length),
        avoid: cidrsOf([...all.filter((network) => !told.has(network)), ...managed]),
        within: privateBlocks,
      });
      return [region, [...prefixes.map(formatCidr), ...ipv6].sort()];
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

/** Of networks that a region is told of, those that its own network can take: IPv6 only where it has IPv6. */
export function takenBy({ ipv6 }: { readonly ipv6?: object }, heard: readonly string[]): readonly string[] {
  return ipv6 === undefined ? ofFamily("ipv4", heard) : heard;
}

/** IPv4 prefixes that take addresses of no network, with how many. */
export function wasteful(
  announced: readonly string[],
  heard: readonly string[],
): { readonly prefix: string; readonly addresses: number }[] {
  const networks = cidrsOf(heard);
  return cidrsOf(announced)
    .map((prefix) => ({ prefix: formatCidr(prefix), addresses: wasteOf(prefix, networks) }))
    .filter(({ addresses }) => addresses > 0);
}

/** The IPv4 ones of texts that have been checked. */
function cidrsOf(texts: readonly string[]): Cidr[] {
  return texts.map(parseCidr).filter((cidr) => typeof cidr === "object");
}
