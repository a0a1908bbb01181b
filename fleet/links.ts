import type { Fleet } from "./fleet";
import type { LinkRole } from "./plan";

/** Two regions that talk directly. */
export interface RegionPair {
  /** `euw1~use1` */
  readonly id: string;
  /** Sorted. */
  readonly ends: readonly [string, string];
  /** BGP roles (RFC 9234) of the ends, where the topology gives them. */
  readonly roles?: readonly [LinkRole, LinkRole];
}

/** The id of a link that is written with its ends in any order: `use1~euw1` is `euw1~use1`. */
export function linkId(text: string): string {
  return text.split("~").sort().join("~");
}

/** Every link of a fleet, sorted by id. */
export function linkedPairs({ topology, regions }: Fleet): RegionPair[] {
  const names = regions.map(({ name }) => name);
  switch (topology.kind) {
    case "mesh":
      // In a mesh nothing is passed on: a leak would carry the OTC attribute and be dropped (RFC 9234, section 5).
      return pairsOf(names).map((ends) => ({ id: ends.join("~"), ends, roles: ["peer", "peer"] }));
    case "hub-and-spoke": {
      const hubs = new Set(topology.hubs);
      return pairsOf(names)
        .filter(([one, other]) => hubs.has(one) || hubs.has(other))
        .map((ends) => ({
          id: ends.join("~"),
          ends,
          roles: rolesBetween(hubs.has(ends[0]), hubs.has(ends[1])),
        }));
    }
    case "links":
      // Roles describe who serves whom; a free graph has no such order.
      return topology.links
        .map((ends) => ({ id: ends.join("~"), ends }))
        .sort((one, other) => (one.id < other.id ? -1 : 1));
  }
}

function rolesBetween(oneIsHub: boolean, otherIsHub: boolean): [LinkRole, LinkRole] {
  if (oneIsHub && otherIsHub) return ["peer", "peer"];
  return oneIsHub ? ["provider", "customer"] : ["customer", "provider"];
}

/** Each two of sorted names, themselves sorted by id. */
function pairsOf(names: readonly string[]): [string, string][] {
  return names
    .flatMap((one, index) => names.slice(index + 1).map((other): [string, string] => [one, other]))
    .sort((one, other) => (one.join("~") < other.join("~") ? -1 : 1));
}
