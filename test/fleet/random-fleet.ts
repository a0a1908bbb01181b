import fc from "fast-check";
import type { Fleet } from "trunkline/fleet/fleet";
import { parseFleet } from "trunkline/fleet/parse";
import type { ProblemCode } from "trunkline/fleet/problem";
import { stringify } from "yaml";

/** A fleet file as a value, valid or with one thing wrong. */
export interface FleetFile {
  readonly regions: readonly string[];
  readonly kind: "mesh" | "hub-and-spoke" | "links";
  readonly hubs: readonly string[];
  readonly links: readonly (readonly [string, string])[];
  readonly noTransit: readonly string[];
  /** A region that speaks to others over the other family than its name says. */
  readonly turned?: string;
  readonly wrong?: Wrong;
}

/** What may be wrong with a file, and the code that says so. */
export const faults = {
  hub: "HubUnknown",
  link: "LinkUnknown",
  hostBits: "CidrHostBits",
  overlap: "CidrOverlap",
  cloudRegion: "RegionUnknown",
  fleetName: "NameInvalid",
  key: "UnknownKey",
  missing: "MissingKey",
  type: "WrongType",
  asn: "AsnInvalid",
} as const satisfies Readonly<Record<string, ProblemCode>>;
export type Wrong = keyof typeof faults;
const wrongs = [
  "hub",
  "link",
  "hostBits",
  "overlap",
  "cloudRegion",
  "fleetName",
  "key",
  "missing",
  "type",
  "asn",
] as const satisfies readonly Wrong[];

const cloudRegions = {
  aws: ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1"],
  azure: ["westeurope", "eastus", "uksouth", "japaneast"],
  gcp: ["us-east1", "us-central1", "europe-west1", "europe-west4", "asia-northeast1"],
} as const;
const name = fc
  .tuple(fc.constantFrom(..."abcdefghijkl"), fc.nat(9999))
  .map(([letter, number]) => `${letter}${number.toString(36)}`);
const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 9, max: 30 }) },
);

/** As large as Trunkline plans: few, for a plan of one takes a good part of a second. */
export const largeFleets: fc.Arbitrary<FleetFile> = fc
  .integer({ min: 100, max: 200 })
  .chain((size) => fc.uniqueArray(name, { minLength: size, maxLength: size, selector: networkNumber }))
  .map((regions) => ({
    regions,
    kind: "hub-and-spoke",
    hubs: regions.slice(0, 2),
    links: [],
    noTransit: [],
  }));

/** Sizes, topologies and faults in shares that `laws.test.ts` asserts. */
export const fleetFiles: fc.Arbitrary<FleetFile> = sizes.chain((size) =>
  fc
    .record({
      regions: fc.uniqueArray(name, { minLength: size, maxLength: size }),
      kind: fc.constantFrom("mesh", "hub-and-spoke", "links" as const),
      hubCount: fc.integer({ min: 1, max: 3 }),
      more: fc.array(fc.tuple(fc.nat(29), fc.nat(29)), { maxLength: 20 }),
      quiet: fc.array(fc.nat(29), { maxLength: 2 }),
      wrong: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constantFrom(...wrongs) },
      ),
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

function networkNumber(region: string): number {
  return (parseInt(region.slice(1), 36) * 12 + region.charCodeAt(0) - 97) % 2 ** 17;
}

/** Of a name alone, so that a region keeps its network whatever the others do. */
export function fleetText({ regions, kind, hubs, links, noTransit, turned, wrong }: FleetFile): string {
  const [first = ""] = regions;
  const network = (region: string): string => {
    const number = networkNumber(region);
    // A Route Server of Azure needs a subnet of its own, so that none fits into a /25.
    if (cloudOf(region) === "azure")
      return `${String(11 + (number >> 16))}.${String((number >> 8) & 255)}.${String(number & 255)}.0/24`;
    return `10.${String(Math.floor(number / 2 ** 9) % 256)}.${String(((number % 2 ** 9) / 2) | 0)}.${number % 2 === 0 ? "0" : "128"}/25`;
  };
  const spoilt: Readonly<Partial<Record<Wrong, object>>> = {
    hostBits: { cidr: "10.0.0.1/16" },
    // Beside its own: another cloud's would be too small for it, or not private.
    overlap:
      regions[1] === undefined ? {} : { cidr: undefined, cidrs: [network(first), network(regions[1])] },
    cloudRegion: { region: "mars-1" },
    key: { colour: "red" },
    missing: { cidr: undefined },
    type: { cidr: 7 },
    asn: { asn: 1 },
  };
  return stringify({
    fleet: wrong === "fleetName" ? "Acme Corp" : "acme",
    regions: Object.fromEntries(
      regions.map((region) => [
        region,
        {
          cloud: cloudOf(region),
          region: cloudRegions[cloudOf(region)][region.charCodeAt(0) % cloudRegions[cloudOf(region)].length],
          cidr: network(region),
          ...(noTransit.includes(region) ? { transit: false } : {}),
          ...modes[region.charCodeAt(0) % modes.length],
          ...(region.charCodeAt(0) % 4 === 0 ? { ipv6: ipv6Network(region) } : {}),
          ...(cloudOf(region) === "aws" && outsideIpv6(region) === (region !== turned)
            ? { outside: "ipv6" }
            : {}),
          ...(region === first && wrong !== undefined ? spoilt[wrong] : {}),
        },
      ]),
    ),
    ...(wrong === "link" || (kind === "links" && wrong !== "hub")
      ? { links: wrong === "link" ? [...links, ["nowhere", "x"]] : links }
      : wrong === "hub" || kind === "hub-and-spoke"
        ? { topology: "hub-and-spoke", hubs: wrong === "hub" ? ["nowhere"] : hubs }
        : {}),
  });
}

/** Of the name alone; by letters whose mode, and whose IPv4 alone, every cloud has; none but on AWS speaks IPv6 to others. */
export function cloudOf(region: string): keyof typeof cloudRegions {
  if (!/^[bfj]/.test(region)) return "aws";
  return (["gcp", "aws", "gcp", "azure"] as const)[parseInt(region.slice(1), 36) % 4] ?? "aws";
}

function ipv6Network(region: string): object {
  const number = networkNumber(region);
  const words = [number >> 8, (number & 255) << 8].map((word) => word.toString(16));
  const prefix = outsideIpv6(region) ? "3fff" : "fd8b";
  return { cidr: `${prefix}:${words.join(":")}::/56`, pool: "ipam-pool-0123456789abcdef0" };
}

/** Of the name, too: some with an IPv6 network of their own, some without, none whose address moves. */
export function outsideIpv6(region: string): boolean {
  return region.charCodeAt(0) % 3 === 1;
}

/** By the name's first letter, so that a region keeps its mode whatever the others do; those with IPv6 have every second. */
const modes = [
  {},
  { routes: "agent" },
  { ha: "active-standby" },
  { routes: "transit-gateway" },
  { ha: "active-standby", preference: "prepend" },
  { ha: "active-standby", routes: "agent", address: "moved" },
] as const;

export function codesOf(file: FleetFile): readonly ProblemCode[] {
  const result = parseFleet(fleetText(file), "fleet.yaml");
  return result.ok ? [] : result.problems.map(({ code }) => code);
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
