import { limits as awsLimits } from "./aws/limits";
import { checkPlan, type PlanCheckOptions } from "./checks/plan";
import { formatAddress, formatCidr, subnetOf } from "./cidr";
import type { Fleet, FleetRegion } from "./fleet";
import { hashNumber, hashWords } from "./hash";
import {
  type Plan,
  type PlannedEnd,
  type PlannedGateway,
  type PlannedLink,
  type PlannedRegion,
  type PlannedTunnel,
  planFormat,
} from "./plan";
import type { Result } from "./problem";
import { linkedPairs, type RegionPair } from "./links";
import { deriveRouting } from "./routing";

/**
 * The plan of a fleet, or every reason why there is none. Pure: no state, no clock, no randomness. Whatever belongs
 * to one tunnel comes from the names of its two ends, so that an edit elsewhere changes no other tunnel.
 */
export function planFleet(fleet: Fleet, options: PlanCheckOptions = {}): Result<Plan> {
  const plan = derivePlan(fleet);
  const { problems, warnings } = checkPlan(plan, fleet, options);
  return problems.length > 0
    ? { ok: false, problems: [...problems, ...warnings] }
    : { ok: true, value: plan, warnings };
}

/** The plan without its checks. */
export function derivePlan(fleet: Fleet): Plan {
  const regions = fleet.regions.map((region) => deriveRegion(fleet.name, region));
  const byName = new Map(regions.map((region) => [region.name, region]));
  const pairs = linkedPairs(fleet);
  const { filters, routes } = deriveRouting(fleet, pairs);
  return {
    format: planFormat,
    fleet: fleet.name,
    topology: fleet.topology.kind,
    regions,
    links: pairs.flatMap((pair): PlannedLink[] => {
      const [one, other] = [byName.get(pair.ends[0]), byName.get(pair.ends[1])];
      return one === undefined || other === undefined ? [] : [deriveLink(fleet, pair, one, other)];
    }),
    filters,
    trust: fleet.trust,
    routes,
  };
}

const letters = ["a", "b"] as const;

function deriveRegion(fleet: string, region: FleetRegion): PlannedRegion {
  const { name } = region;
  return {
    name,
    cloud: region.cloud,
    cloudRegion: region.cloudRegion,
    cidrs: region.cidrs.map(formatCidr),
    asn: region.asn ?? privateAsn(fleet, "region", name),
    transit: region.transit,
    network: { subnets: deriveSubnets(region) },
    routeService: {
      kind: "service",
      asn: privateAsn(fleet, "route-service", name),
      endpoints: letters.map((letter) => ({ name: `endpoint-${letter}`, subnet: `gateway-${letter}` })),
    },
    gateways: letters.map((letter, index): PlannedGateway => {
      const id = `${name}-${letter}`;
      const epochs = region.epochs[letter];
      return {
        id,
        letter,
        subnet: `gateway-${letter}`,
        size: region.size,
        identity: `${id}.${fleet}.trunkline.internal`,
        routerId: routerId(fleet, id),
        med: 100 + index * 100,
        keyEpoch: epochs?.key ?? 1,
        imageEpoch: epochs?.image ?? 1,
      };
    }),
    managementAllowFrom: region.managementAllowFrom,
    tags: region.tags,
  };
}

/**
 * The region's first network in quarters: a gateway's subnet at the start of each of the first two, as small as the
 * cloud allows; the other two quarters for workloads. What is left of the first two stays free for the user.
 */
function deriveSubnets({ cidrs }: FleetRegion): PlannedRegion["network"]["subnets"] {
  const [first] = cidrs;
  if (first === undefined) return [];
  const quarter = first.prefix + 2;
  return [
    ...letters.map((letter, index) => ({
      name: `gateway-${letter}`,
      role: "gateway" as const,
      zone: letter,
      cidr: formatCidr(subnetOf(subnetOf(first, quarter, index), awsLimits.subnetPrefixLongest, 0)),
    })),
    ...letters.map((letter, index) => ({
      name: `workload-${letter}`,
      role: "workload" as const,
      zone: letter,
      cidr: formatCidr(subnetOf(first, quarter, index + 2)),
    })),
  ];
}

/** 32-bit private (RFC 6996). */
function privateAsn(fleet: string, kind: string, name: string): number {
  return 4200000000 + hashNumber(4294967294 - 4200000000 + 1, fleet, "asn", kind, name);
}

/** Any address but 0.0.0.0/8 and multicast will do for a BGP identifier (RFC 6286). */
function routerId(fleet: string, gateway: string): string {
  return formatAddress(0x01000000 + hashNumber(0xdf000000 - 0x01000000, fleet, "router-id", gateway));
}

function deriveLink(
  fleet: Fleet,
  { id, ends, roles }: RegionPair,
  one: PlannedRegion,
  other: PlannedRegion,
): PlannedLink {
  const prefix = ulaPrefix(fleet.name);
  return {
    id,
    ends,
    tunnels: one.gateways.flatMap((here) =>
      other.gateways.map((there): PlannedTunnel => {
        const tunnel = `${here.id}~${there.id}`;
        const net = insideNet(prefix, fleet.name, tunnel);
        const ifId = 1 + hashNumber(0xffffffff, fleet.name, "if-id", tunnel);
        const end = (region: PlannedRegion, gateway: string, host: 0 | 1): PlannedEnd => ({
          gateway,
          region: region.name,
          asn: region.asn,
          inside: `${net(host)}/127`,
          ifId,
          interface: `x${ifId.toString(36)}`,
          ...(roles === undefined ? {} : { role: roles[host] }),
        });
        return {
          id: tunnel,
          ends: [end(one, here.id, 0), end(other, there.id, 1)],
          ikeSa: fleet.ikeSa,
          childSa: fleet.childSa,
          ...inner,
        };
      }),
    ),
  };
}

/**
 * Inner bytes of ESP in UDP over IPv4 with an outer MTU of 1500 (RFC 3948, RFC 4303, RFC 4106): less 20 IP, 8 UDP,
 * 8 ESP, 8 IV, 16 ICV, down to a multiple of 4, less 2 for pad length and next header: 1438. AWS carries 1500 to the
 * internet (AWS, "Network MTU for your EC2 instance"), but paths on the way may not; 1390 and the MSS that follow
 * leave room for one more encapsulation.
 */
const inner = { mtu: 1390, mss: { ipv4: 1350, ipv6: 1330 } } as const;

/** A locally assigned /48 of the fleet (RFC 4193): `fd` and 40 bits by hash. */
function ulaPrefix(fleet: string): readonly [string, string, string] {
  const [first = 0, second = 0, third = 0] = hashWords(fleet, "ula");
  return [(0xfd00 | (first & 0xff)).toString(16), second.toString(16), third.toString(16)];
}

/** One /127 (RFC 6164) by 79 bits of hash. */
function insideNet(prefix: readonly string[], fleet: string, tunnel: string): (host: 0 | 1) => string {
  const words = hashWords(fleet, "inside", tunnel).slice(0, 5);
  // A first word of zero would have a canonical form with "::", which nothing needs to know here.
  const upper = words.slice(0, 4).map((word) => (word === 0 ? 1 : word).toString(16));
  const last = ((words[4] ?? 0) | 2) & 0xfffe;
  return (host) =>
    [...prefix.map((word) => (word === "0" ? "1" : word)), ...upper, (last | host).toString(16)].join(":");
}
