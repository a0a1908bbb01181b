import { heardNetworks } from "../../fleet/announce";
import { transitPeer } from "../../fleet/aws/transit-gateway";
import { type Cidr, parseCidr } from "../../fleet/cidr";
import type { Plan, PlannedEnd, PlannedLink, PlannedRegion, PlannedTunnel } from "../../fleet/plan";
import { routesFacts } from "../../fleet/aws/limits";
import { endsOf } from "../../fleet/tunnel-ends";
import { planFormat } from "../../fleet/plan";

/** A plan as the planner makes them, small and by hand: a mesh of AWS regions with two gateways each. */
export function samplePlan(names: readonly string[], change: Partial<PlannedRegion> = {}): Plan {
  const made = [...names].sort().map((name): PlannedRegion => ({ ...sampleRegion(name), ...change }));
  const regions = made.map((region) => ({
    ...region,
    routeService: {
      ...region.routeService,
      announced: made.flatMap(({ name, cidrs }) => (name === region.name ? [] : cidrs)).sort(),
    },
  }));
  const pairs = regions.flatMap((one, index) =>
    regions.slice(index + 1).map((other) => [one, other] as const),
  );
  return {
    format: planFormat,
    fleet: "acme",
    topology: "mesh",
    regions,
    links: pairs.map(([one, other]) => sampleLink(one, other)),
    filters: pairs.flatMap(([one, other]) => {
      const link = `${one.name}~${other.name}`;
      return [
        { link, from: one.name, to: other.name, prefixes: one.cidrs },
        { link, from: other.name, to: one.name, prefixes: other.cidrs },
      ];
    }),
    trust: { rootDays: 3650, intermediateDays: 1825, leafDays: 90 },
    routes: pairs.flatMap(([{ name: one }, { name: other }]) => [
      { from: one, to: other, via: [one, other] },
      { from: other, to: one, via: [other, one] },
    ]),
  };
}

/** The plan, but the gateways of this region move its routes. */
export function withAgent(plan: Plan, name: string): Plan {
  return {
    ...plan,
    regions: plan.regions.map((region) => {
      if (region.name !== name) return region;
      const { announced } = region.routeService;
      return {
        ...region,
        routeService: { kind: "agent", endpoints: [], announced, facts: routesFacts("agent", 0) },
      };
    }),
  };
}

/** The plan, but these regions speak to others over IPv6, by addresses of blocks that Amazon chooses. */
export function withOutsideIpv6(plan: Plan, names: readonly string[]): Plan {
  return {
    ...plan,
    regions: plan.regions.map((region) =>
      names.includes(region.name)
        ? {
            ...region,
            outside: "ipv6" as const,
            network: {
              subnets: region.network.subnets.map((subnet, ipv6Place) =>
                subnet.role === "gateway" ? { ...subnet, ipv6Place } : subnet,
              ),
            },
          }
        : region,
    ),
    links: plan.links.map((link) =>
      link.ends.every((end) => names.includes(end))
        ? {
            ...link,
            tunnels: link.tunnels.map((tunnel) => ({ ...tunnel, outside: "ipv6" as const, mtu: 1370 })),
          }
        : link,
    ),
  };
}

/** The plan, but a transit gateway follows the gateways of this region. */
export function withTransitGateway(plan: Plan, name: string): Plan {
  return {
    ...plan,
    regions: plan.regions.map((region) => {
      if (region.name !== name) return region;
      const { announced } = region.routeService;
      const cidr = "100.64.7.0/24";
      return {
        ...region,
        routeService: {
          kind: "transit-gateway",
          endpoints: [],
          asn: 4200002000,
          cidr,
          attachedIn: ["gateway-a", "gateway-b"],
          peers: region.gateways.map(({ id }, place) => transitPeer(id, blockOf(cidr), place)),
          announced,
          facts: routesFacts("transit-gateway", 2),
        },
      };
    }),
  };
}

function blockOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (typeof cidr !== "object") throw new Error(text);
  return cidr;
}

/** The plan, but the gateways of this region share an address, which they move with its routes. */
export function withMovedAddress(plan: Plan, name: string): Plan {
  const moving = withAgent(plan, name);
  const regions = moving.regions.map((region) =>
    region.name === name
      ? {
          ...region,
          ha: "active-standby" as const,
          shared: { id: name, identity: `${name}.acme.trunkline.internal` },
        }
      : region,
  );
  const byName = new Map(regions.map((region) => [region.name, region]));
  const links = moving.links.map((link) => {
    const [one, other] = link.ends.map((end) => byName.get(end));
    return one === undefined || other === undefined ? link : sampleLink(one, other);
  });
  return { ...moving, regions, links };
}

/** A number that belongs to a name and to no other of the few in these tests. */
function numberOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 200, 7);
}

function sampleRegion(name: string): PlannedRegion {
  const second = numberOf(name);
  const asn = 4200000000 + second;
  const block = (third: number, prefix: number) => `10.${second}.${third}.0/${prefix}`;
  return {
    name,
    cloud: "aws",
    cloudRegion: "us-east-1",
    cidrs: [block(0, 16)],
    asn,
    transit: true,
    outside: "ipv4",
    outerMtu: 1452,
    bfdMilliseconds: 300,
    ha: "active-active",
    network: {
      subnets: [
        { name: "gateway-a", role: "gateway", zone: "a", cidr: block(0, 28) },
        { name: "gateway-b", role: "gateway", zone: "b", cidr: block(1, 28) },
        { name: "workload-a", role: "workload", zone: "a", cidr: block(64, 18) },
        { name: "workload-b", role: "workload", zone: "b", cidr: block(128, 18) },
      ],
    },
    routeService: {
      kind: "service",
      asn: 4200001000 + second,
      endpoints: [
        { name: "endpoint-a", subnet: "gateway-a" },
        { name: "endpoint-b", subnet: "gateway-b" },
      ],
      announced: [],
      facts: routesFacts("service", 2),
    },
    gateways: ["a", "b"].map((letter, index) => ({
      id: `${name}-${letter}`,
      letter,
      subnet: `gateway-${letter}`,
      size: "t4g.small",
      system: "debian-13",
      keyAlgorithm: "ecdsa-p256",
      identity: `${name}-${letter}.acme.trunkline.internal`,
      routerId: `10.255.${second}.${index + 1}`,
      med: 100 + index * 100,
      told: { med: 0, prepend: 0 },
      keyEpoch: 1,
      imageEpoch: 1,
    })),
    pairTunnels: [
      sampleTunnel(
        { region: { name, asn }, gateway: `${name}-a` },
        { region: { name, asn }, gateway: `${name}-b` },
        "p9",
      ),
    ],
    managementAllowFrom: ["203.0.113.0/24"],
    tags: { team: "network" },
  };
}

function sampleLink(one: PlannedRegion, other: PlannedRegion): PlannedLink {
  const pairs = endsOf(one).flatMap((here) => endsOf(other).map((there) => [here, there] as const));
  return {
    id: `${one.name}~${other.name}`,
    ends: [one.name, other.name],
    tunnels: pairs.map(([here, there], index) =>
      sampleTunnel({ region: one, gateway: here }, { region: other, gateway: there }, `x${index}`),
    ),
  };
}

interface SampleEnd {
  readonly region: { readonly name: string; readonly asn: number };
  readonly gateway: string;
}

function sampleTunnel(one: SampleEnd, other: SampleEnd, place: string): PlannedTunnel {
  const [first, second] = [numberOf(one.region.name), numberOf(other.region.name)];
  const index = Number(place.slice(1));
  const ifId = 1 + first * 100000 + second * 100 + index;
  const end = ({ region, gateway }: SampleEnd, host: number): PlannedEnd => ({
    gateway,
    region: region.name,
    asn: region.asn,
    inside: `fd00:${first.toString(16)}:${second.toString(16)}:${index}::${host}/127`,
    ifId,
    interface: `${place.slice(0, 1)}${ifId.toString(36)}`,
  });
  return {
    id: `${one.gateway}~${other.gateway}`,
    ends: [end(one, 0), end(other, 1)],
    ikeSa: {
      proposal: "aes256gcm16-prfsha384-ecp384",
      rekeySeconds: 14400,
      overSeconds: 1440,
      dpdDelaySeconds: 10,
    },
    childSa: { proposal: "aes256gcm16-ecp384", rekeySeconds: 3600, lifeSeconds: 3960 },
    outside: "ipv4",
    mtu: 1390,
    mss: { ipv4: 1350, ipv6: 1330 },
  };
}

/** A plan with some of its links, told of over them alone. */
export function linkedPlan(plan: Plan, keep: (ends: readonly [string, string]) => boolean): Plan {
  const links = plan.links.filter(({ ends }) => keep(ends));
  const ids = new Set(links.map(({ id }) => id));
  const filters = plan.filters.filter(({ link }) => ids.has(link));
  const heard = heardNetworks(filters);
  const regions = plan.regions.map((region) => ({
    ...region,
    routeService: { ...region.routeService, announced: heard.get(region.name) ?? [] },
  }));
  return { ...plan, regions, links, filters };
}
