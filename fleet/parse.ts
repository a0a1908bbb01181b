import { checkClouds } from "./checks/clouds";
import { checkCrypto } from "./checks/crypto";
import { checkExistingNetworks } from "./checks/existing";
import { checkHa } from "./checks/ha";
import { checkManagedRegions, withOwnGateways } from "./checks/managed";
import { checkIpv6 } from "./checks/ipv6";
import { checkNames } from "./checks/names";
import { checkNetworks } from "./checks/networks";
import { checkOutside } from "./checks/outside";
import { checkRegions } from "./checks/regions";
import { checkRollout } from "./checks/rollout";
import { checkTopology } from "./checks/topology";
import { checkTransitGatewayCidrs } from "./checks/transit-gateway";
import { checkTrust } from "./checks/trust";
import { rulesOf } from "./clouds";
import { defaults } from "./defaults";
import { readDocument } from "./document";
import type { CryptoChoice } from "./crypto/choose";
import type { Fleet, FleetCrypto, FleetNetwork, FleetRegion, Topology } from "./fleet";
import { linkId } from "./links";
import { parseCidr } from "./cidr";
import { parseCidr6 } from "./cidr6";
import { byPlace, type Position, type Result } from "./problem";
import { type PartialRegion, partialFleet } from "./partial";
import { Report } from "./report";
import type { FleetGate, FleetRollout } from "./rollout";
import { schemaProblems } from "./schema-problems";
import { type FleetInput, fleetSchema, type RegionInput } from "./schema";

/**
 * A fleet file as text, or every problem in it at once, with its line.
 * @param file how problems name the file
 */
export function parseFleet(text: string, file: string): Result<Fleet> {
  const read = readDocument(text, file);
  if (!read.ok) return read;
  const { value, positions, problems } = read.document;
  const report = new Report(positions);
  if (!isMapping(value)) {
    const found = value === null ? "empty" : Array.isArray(value) ? "a list" : "a single value";
    report.error(
      "NotAFleet",
      "",
      `The file is ${found}.`,
      "Write `fleet: NAME` and `regions:`; `trunkline init` makes one.",
    );
    return { ok: false, problems: [...problems, ...report.problems] };
  }
  const parsed = fleetSchema.safeParse(value);
  if (!parsed.success) schemaProblems(value, parsed.error.issues, report);
  // What has the right shape is checked further even where something else has not: all problems at once.
  const input = parsed.success ? parsed.data : partialFleet(value);
  checkNames(input, report);
  checkManagedRegions(input, report);
  checkRegions(input, report);
  checkClouds(input, report);
  checkNetworks(input, report);
  // Of what a managed region cannot have, that is all there is to say.
  const own = withOwnGateways(input);
  checkHa(own, report);
  checkIpv6(own, report);
  checkOutside(own, report);
  checkExistingNetworks(own, report);
  checkTransitGatewayCidrs(own, report);
  checkTopology(input, report);
  checkCrypto(input, report);
  checkTrust(input.trust, report);
  checkRollout(input, report);
  if (!parsed.success || report.failed || problems.length > 0)
    return { ok: false, problems: byPlace([...problems, ...report.problems]) };
  return { ok: true, value: fleetOf(parsed.data, positions), warnings: byPlace(report.problems) };
}

export type { PartialFleet, PartialRegion } from "./partial";

/** Bytes of a fleet file as text; what is no UTF-8 becomes U+FFFD, which `parseFleet` refuses with its place. */
export function decodeFleet(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fleetOf(input: FleetInput, positions: ReadonlyMap<string, Position>): Fleet {
  const { trust = {} } = input;
  return {
    name: input.fleet,
    topology: topologyOf(input),
    regions: Object.entries(input.regions)
      .map(([name, region]) => regionOf(name, region, input))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    crypto: cryptoOf(input),
    trust: {
      rootDays: trust.rootDays ?? defaults.trust.rootDays,
      intermediateDays: trust.intermediateDays ?? defaults.trust.intermediateDays,
      leafDays: trust.leafDays ?? defaults.trust.leafDays,
    },
    rollout: rolloutOf(input),
    positions,
  };
}

function rolloutOf({ rollout = {} }: FleetInput): FleetRollout {
  const { canary, regionsPerWave } = rollout;
  return {
    ...(canary === undefined ? {} : { canary }),
    ...(regionsPerWave === undefined ? {} : { regionsPerWave }),
    parallel: rollout.parallel ?? defaults.rollout.parallel,
    failuresTolerated: rollout.failuresTolerated ?? defaults.rollout.failuresTolerated,
    soakSeconds: rollout.soakSeconds ?? defaults.rollout.soakSeconds,
    gates: (rollout.gates ?? []).map((gate): FleetGate =>
      typeof gate === "string"
        ? { kind: gate }
        : {
            kind: "command",
            words: gate.command,
            timeoutSeconds: gate.timeoutSeconds ?? defaults.rollout.gateSeconds,
          },
    ),
  };
}

function cryptoOf({ crypto = {} }: FleetInput): FleetCrypto {
  const childRekey = crypto.childRekeySeconds ?? defaults.childSa.rekeySeconds;
  const ikeRekey = crypto.ikeRekeySeconds ?? defaults.ikeSa.rekeySeconds;
  const { policy, postQuantum } = defaults;
  const choice = choiceOf(crypto, { policy, postQuantum });
  return {
    choice,
    links: new Map(
      Object.entries(crypto.links ?? {}).map(([ends, own]) => [linkId(ends), choiceOf(own, choice)]),
    ),
    ikeSa: {
      rekeySeconds: ikeRekey,
      overSeconds: Math.ceil(ikeRekey / 10),
      dpdDelaySeconds: crypto.dpdDelaySeconds ?? defaults.ikeSa.dpdDelaySeconds,
    },
    childSa: { rekeySeconds: childRekey, lifeSeconds: childRekey + Math.ceil(childRekey / 10) },
  };
}

/** A link that names a policy of its own takes the strongest under it, whatever proposals the fleet names. */
function choiceOf(
  { policy, ike, esp, postQuantum }: Omit<NonNullable<FleetInput["crypto"]>, "links">,
  fleet: CryptoChoice,
): CryptoChoice {
  const inherited = policy === undefined ? fleet : undefined;
  const proposals = { ike: ike ?? inherited?.ike, esp: esp ?? inherited?.esp };
  return {
    policy: policy ?? fleet.policy,
    postQuantum: postQuantum ?? fleet.postQuantum,
    ...(proposals.ike === undefined ? {} : { ike: proposals.ike }),
    ...(proposals.esp === undefined ? {} : { esp: proposals.esp }),
  };
}

function topologyOf({ topology, hubs, links }: FleetInput): Topology {
  if (links !== undefined)
    return { kind: "links", links: links.map(([one, other]) => (one < other ? [one, other] : [other, one])) };
  return topology === "hub-and-spoke" ? { kind: "hub-and-spoke", hubs: hubs ?? [] } : { kind: "mesh" };
}

function regionOf(name: string, region: RegionInput, fleet: FleetInput): FleetRegion {
  if (region.gateway === "managed") return managedRegionOf(name, region, fleet);
  const management = region.management ?? fleet.defaults?.management ?? fleet.management;
  const transit = region.transitGatewayCidr === undefined ? undefined : parseCidr(region.transitGatewayCidr);
  return {
    ...placeOf(name, region),
    ...ipv6Of(region),
    gateway: "self",
    gateways: region.gateways ?? fleet.defaults?.gateways ?? defaults.gateways,
    ha: region.ha ?? fleet.defaults?.ha ?? defaults.ha,
    preference: region.preference ?? fleet.defaults?.preference ?? defaults.preference,
    address: region.address ?? fleet.defaults?.address ?? defaults.address,
    outside: region.outside ?? fleet.defaults?.outside ?? defaults.outside,
    ...(region.network === undefined ? {} : { network: networkOf(region.network) }),
    routes: region.routes ?? fleet.defaults?.routes ?? defaults.routes,
    ...(typeof transit === "object" ? { transitGatewayCidr: transit } : {}),
    size: region.size ?? fleet.defaults?.size ?? rulesOf(region.cloud).size.standard,
    system: region.system ?? fleet.defaults?.system ?? defaults.system,
    keyAlgorithm: region.trust?.keyAlgorithm ?? fleet.trust?.keyAlgorithm ?? defaults.keyAlgorithm,
    outerMtu: region.outerMtu ?? fleet.defaults?.outerMtu ?? defaults.outerMtu,
    bfdMilliseconds: region.bfdMilliseconds ?? fleet.defaults?.bfdMilliseconds ?? defaults.bfdMilliseconds,
    transit: region.transit ?? fleet.defaults?.transit ?? true,
    managementAllowFrom: [...new Set(management?.allowFrom ?? [])].sort(),
    tags: { ...fleet.defaults?.tags, ...region.tags },
    epochs: Object.fromEntries(
      Object.entries(region.epochs ?? {}).map(([letter, { key = 1, image = 1 }]) => [letter, { key, image }]),
    ),
  };
}

/** What and where it is, whoever its gateways are. */
function placeOf(
  name: string,
  region: RegionInput,
): Pick<FleetRegion, "name" | "cloud" | "cloudRegion" | "owner" | "cidrs" | "cidrPaths" | "asn"> {
  return {
    name,
    cloud: region.cloud,
    cloudRegion: region.region,
    ...ownerOf(region),
    cidrs: cidrTexts(region)
      .map(parseCidr)
      .filter((cidr) => typeof cidr === "object"),
    cidrPaths: cidrPaths(name, region),
    ...(region.asn === undefined ? {} : { asn: region.asn }),
  };
}

function ownerOf(region: RegionInput): Pick<FleetRegion, "owner"> {
  const owner = region[rulesOf(region.cloud).owner.key];
  return owner === undefined ? {} : { owner };
}

/** Of `defaults` it takes what a managed region can have; the rest is of own gateways, which it has none of. */
function managedRegionOf(name: string, region: RegionInput, fleet: FleetInput): FleetRegion {
  const { ha, preference, address, outside, system, keyAlgorithm, outerMtu, bfdMilliseconds } = defaults;
  const rules = rulesOf(region.cloud);
  const inside = region.insideCidr === undefined ? undefined : parseCidr(region.insideCidr);
  return {
    ...{ ha, preference, address, outside, system, keyAlgorithm, bfdMilliseconds },
    ...placeOf(name, region),
    gateway: "managed",
    gateways: 0,
    // The network's tables lead to it, as they do to one that follows gateways of ours.
    routes: "transit-gateway",
    // `defaults.size` is of machines.
    size:
      rules.managed?.size === undefined ? rules.size.standard : (region.size ?? rules.managed.size.standard),
    ...(typeof inside === "object" ? { insideCidr: inside } : {}),
    outerMtu: region.outerMtu ?? fleet.defaults?.outerMtu ?? outerMtu,
    transit: false,
    managementAllowFrom: [],
    tags: { ...fleet.defaults?.tags, ...region.tags },
    epochs: {},
  };
}

function ipv6Of({ ipv6 }: RegionInput): Pick<FleetRegion, "ipv6"> {
  const cidr = ipv6 === undefined ? undefined : parseCidr6(ipv6.cidr);
  return ipv6 === undefined || typeof cidr !== "object" ? {} : { ipv6: { cidr, pool: ipv6.pool } };
}

function networkOf({ id, subnets, routeTables = [] }: NonNullable<RegionInput["network"]>): FleetNetwork {
  const given = Object.entries(subnets).flatMap(([letter, subnet]) => {
    const cidr = parseCidr(subnet.cidr);
    return typeof cidr === "object" ? [[letter, { id: subnet.id, cidr }] as const] : [];
  });
  return { id, subnets: Object.fromEntries(given), routeTables: [...routeTables].sort() };
}

/** A region's networks as they are written, in order. */
export function cidrTexts({ cidr, cidrs }: PartialRegion): readonly string[] {
  return cidrs ?? (cidr === undefined ? [] : [cidr]);
}

/** Paths of a region's networks, in order. */
export function cidrPaths(name: string, { cidrs }: PartialRegion): string[] {
  return cidrs === undefined
    ? [`regions.${name}.cidr`]
    : cidrs.map((_, index) => `regions.${name}.cidrs[${String(index)}]`);
}
