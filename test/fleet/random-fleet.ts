import fc from "fast-check";
import type { Fleet } from "trunkline/fleet/fleet";
import { parseFleet } from "trunkline/fleet/parse";
import { stringify } from "yaml";

/** A fleet file as a value, valid or with one thing wrong. */
export interface FleetFile {
  readonly regions: readonly string[];
  readonly kind: "mesh" | "hub-and-spoke" | "links";
  readonly hubs: readonly string[];
  readonly links: readonly (readonly [string, string])[];
  readonly noTransit: readonly string[];
  readonly wrong?: "hub" | "cidr" | "link";
}

const cloudRegions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1"];
const name = fc
  .tuple(fc.constantFrom(..."abcdefghijkl"), fc.nat(9999))
  .map(([letter, number]) => `${letter}${number.toString(36)}`);
const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 9, max: 30 }) },
);

/** Sizes, topologies and faults in shares that `laws.test.ts` asserts. */
export const fleetFiles: fc.Arbitrary<FleetFile> = sizes.chain((size) =>
  fc
    .record({
      regions: fc.uniqueArray(name, { minLength: size, maxLength: size }),
      kind: fc.constantFrom("mesh", "hub-and-spoke", "links" as const),
      hubCount: fc.integer({ min: 1, max: 3 }),
      more: fc.array(fc.tuple(fc.nat(29), fc.nat(29)), { maxLength: 20 }),
      quiet: fc.array(fc.nat(29), { maxLength: 2 }),
      wrong: fc.option(fc.constantFrom("hub", "cidr", "link" as const), { freq: 6, nil: undefined }),
    })
    .map(({ regions, kind, hubCount, more, quiet, wrong }): FleetFile => {
      const at = (index: number): string => regions[index % regions.length] ?? "";
      // A chain holds all together; what else is linked is chance.
      const chain = regions.slice(1).map((one, index) => [regions[index] ?? "", one] as const);
      const all = [...chain, ...more.map(([one, other]) => [at(one), at(other)] as const)];
      const ids = new Map(
        all.filter(([one, other]) => one !== other).map((ends) => [[...ends].sort().join(), ends]),
      );
      const hubs = regions.slice(0, Math.min(hubCount, regions.length));
      return {
        regions,
        kind: regions.length === 1 && kind === "links" ? "mesh" : kind,
        hubs,
        links: [...ids.values()],
        noTransit: kind === "mesh" ? quiet.map(at) : [],
        ...(wrong === undefined ? {} : { wrong }),
      };
    }),
);

/** Of a name alone, so that a region keeps its network whatever the others do. */
export function fleetText({ regions, kind, hubs, links, noTransit, wrong }: FleetFile): string {
  const network = (region: string): string => {
    const number = parseInt(region.slice(1), 36) * 12 + region.charCodeAt(0) - 97;
    return `10.${String(Math.floor(number / 2 ** 9) % 256)}.${String(((number % 2 ** 9) / 2) | 0)}.${number % 2 === 0 ? "0" : "128"}/25`;
  };
  return stringify({
    fleet: "acme",
    regions: Object.fromEntries(
      regions.map((region) => [
        region,
        {
          cloud: "aws",
          region: cloudRegions[region.charCodeAt(0) % cloudRegions.length],
          cidr: wrong === "cidr" ? "10.0.0.1/16" : network(region),
          ...(noTransit.includes(region) ? { transit: false } : {}),
        },
      ]),
    ),
    ...(kind === "links" ? { links: wrong === "link" ? [...links, ["nowhere", "x"]] : links } : {}),
    ...(kind === "hub-and-spoke" ? { topology: kind, hubs: wrong === "hub" ? ["nowhere"] : hubs } : {}),
  });
}

export function parsed(file: FleetFile): Fleet | undefined {
  const result = parseFleet(fleetText(file), "fleet.yaml");
  return result.ok ? result.value : undefined;
}

export function without(file: FleetFile, region: string): FleetFile {
  return {
    ...file,
    regions: file.regions.filter((one) => one !== region),
    hubs: file.hubs.filter((one) => one !== region),
    links: file.links.filter((ends) => !ends.includes(region)),
  };
}
