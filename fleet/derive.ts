import { deriveAnnouncements } from "./announce";
import { zones } from "./aws/network";
import { sharedBlock, sharedBlocks, transitPeer } from "./aws/transit-gateway";
import { checkPlan, type PlanCheckOptions } from "./checks/plan";
import { formatAddress, formatCidr } from "./cidr";
import { formatCidr6 } from "./cidr6";
import { rulesOf } from "./clouds";
import { chooseProposals } from "./crypto/choose";
import type { Offer } from "./crypto/offer";
import { partyOf } from "./crypto/party";
import { defaults } from "./defaults";
import type { Fleet, FleetCrypto, FleetRegion } from "./fleet";
import { type Family, outsideOf } from "./family";
import { toldBy } from "./ha";
import { hashNumber } from "./hash";
import { insideNet } from "./inside";
import {
  type Plan,
  type PlannedEnd,
  type PlannedGateway,
  type PlannedLink,
  type PlannedRegion,
  type PlannedTunnel,
  planFormat,
} from "./plan";
import { byPlace, type Result } from "./problem";
import { type GatewayLetter, gatewayLetters } from "./letters";
import { connectionsOf, endsOf } from "./tunnel-ends";
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
    ? { ok: false, problems: byPlace([...problems, ...warnings]) }
    : { ok: true, value: plan, warnings: byPlace(warnings) };
}

/** The plan without its checks. */
export function derivePlan(fleet: Fleet): Plan {
  const regions = fleet.regions.map((region) => deriveRegion(fleet, region));
  const byName = new Map(regions.map((region) => [region.name, region]));
  const pairs = linkedPairs(fleet);
  const { filters, routes } = deriveRouting(fleet, pairs);
  const announced = deriveAnnouncements(fleet, filters);
  const links = pairs.flatMap((pair): PlannedLink[] => {
    const [one, other] = [byName.get(pair.ends[0]), byName.get(pair.ends[1])];
    return one === undefined || other === undefined ? [] : [deriveLink(fleet, pair, one, other)];
  });
  return {
    format: planFormat,
    fleet: fleet.name,
    topology: fleet.topology.kind,
    regions: regions.map((region) => ({
      ...region,
      routeService: {
        ...region.routeService,
        announced: announced.get(region.name) ?? [],
        ...managedFactsOf(region, links),
      },
    })),
    links,
    filters,
    trust: fleet.trust,
    routes,
  };
}

/** What a managed gateway costs comes with its connections. */
function managedFactsOf(
  { name, cloud, managed }: PlannedRegion,
  links: readonly PlannedLink[],
): Partial<Pick<PlannedRegion["routeService"], "facts">> {
  const rules = rulesOf(cloud).managed;
  return managed === undefined || rules === undefined
    ? {}
    : { facts: rules.facts(connectionsOf(name, links), managed.size) };
}

function deriveRegion({ name: fleet, crypto }: Fleet, region: FleetRegion): PlannedRegion {
  const { name } = region;
  const letters = gatewayLetters(region.gateways);
  const asn = region.asn ?? privateAsn(fleet, "region", name);
  const moved = region.address === "moved";
  const rules = rulesOf(region.cloud);
  const spreads = rules.session.chosenBy === "as-path" && region.ha === "active-active";
  const own = partyOf(region);
  const sas = securityAssociations(crypto, undefined, own, own);
  return {
    name,
    cloud: region.cloud,
    cloudRegion: region.cloudRegion,
    ...(region.owner === undefined ? {} : { owner: region.owner }),
    cidrs: region.cidrs.map(formatCidr),
    ...(region.ipv6 === undefined
      ? {}
      : { ipv6: { cidr: formatCidr6(region.ipv6.cidr), pool: region.ipv6.pool } }),
    asn,
    transit: region.transit,
    outside: region.outside,
    outerMtu: region.outerMtu,
    bfdMilliseconds: region.bfdMilliseconds,
    ha: region.ha,
    ...(region.ha === "active-standby" && !moved ? { preference: region.preference } : {}),
    ...(moved ? { shared: { id: name, identity: `${name}.${fleet}.trunkline.internal` } } : {}),
    ...managedOf(fleet, region),
    network: deriveNetwork(region),
    routeService: deriveRouteService(fleet, region, asn, letters),
    gateways: letters.map((letter, index): PlannedGateway => {
      const id = `${name}-${letter}`;
      const epochs = region.epochs[letter];
      return {
        id,
        letter,
        ...rules.gatewayPlace(letter, index),
        size: region.size,
        system: region.system,
        keyAlgorithm: region.keyAlgorithm,
        identity: `${id}.${fleet}.trunkline.internal`,
        routerId: routerId(fleet, id),
        med: spreads ? 100 : 100 + index * 100,
        // Of one address there is one way: nothing to prefer.
        told: toldBy(moved ? "active-active" : region.ha, region.preference, index),
        keyEpoch: epochs?.key ?? 1,
        imageEpoch: epochs?.image ?? 1,
      };
    }),
    pairTunnels: letters.flatMap((here, index) =>
      letters.slice(index + 1).map((there) => {
        const at = (letter: string): TunnelEnd => ({ gateway: `${name}-${letter}`, region: name, asn });
        return deriveTunnel(
          fleet,
          { ends: [at(here), at(there)], ...sas, ...outsideSizes("ipv4", rules.mtu.within) },
          "p",
        );
      }),
    ),
    managementAllowFrom: region.managementAllowFrom,
    tags: region.tags,
  };
}

function managedOf(
  fleet: string,
  { name, cloud, gateway, size, insideCidr }: FleetRegion,
): Pick<PlannedRegion, "managed"> {
  const rules = rulesOf(cloud).managed;
  if (gateway === "self" || rules === undefined) return {};
  const { inside } = rules;
  return {
    managed: {
      ends: Array.from({ length: rules.tunnels }, (_, index) => `${name}-${String(index + 1)}`),
      ...(rules.size === undefined ? {} : { size }),
      ...(inside === undefined ? {} : { insideCidr: formatCidr(insideCidr ?? inside.derive(fleet, name)) }),
    },
  };
}

/** What it tells the network comes with the routes of the whole fleet. */
function deriveRouteService(
  fleet: string,
  { name, cloud, gateway, routes, address, network, transitGatewayCidr, size }: FleetRegion,
  own: number,
  letters: readonly GatewayLetter[],
): PlannedRegion["routeService"] {
  const rules = rulesOf(cloud);
  if (gateway === "managed" && rules.managed !== undefined) {
    const { attachedIn, facts } = rules.managed;
    return { kind: "managed", endpoints: [], attachedIn, announced: [], facts: facts(0, size) };
  }
  if (routes === "agent")
    return { kind: routes, endpoints: [], announced: [], facts: rules.routesFacts(routes, 0, address) };
  if (routes === "transit-gateway") {
    const cidr = transitGatewayCidr ?? sharedBlock(hashNumber(sharedBlocks, fleet, "transit-gateway", name));
    return {
      kind: routes,
      endpoints: [],
      asn: privateAsn(fleet, "route-service", name),
      cidr: formatCidr(cidr),
      // Of the user's network the zones are not known here: each gateway's subnet has one of its own.
      attachedIn: (network === undefined ? letters.slice(0, zones.length) : letters).map(
        (letter) => `gateway-${letter}`,
      ),
      peers: letters.map((letter, place) => transitPeer(`${name}-${letter}`, cidr, place)),
      announced: [],
      // The network and the gateways' Connect attachment.
      facts: rules.routesFacts(routes, 2),
    };
  }
  const endpoints = rules.endpoints(letters);
  const { asns } = rules.session;
  return {
    kind: routes,
    asn: asns?.service ?? privateAsn(fleet, "route-service", name),
    ...(asns === undefined || asns.takes(own) ? {} : { alias: aliasOf(fleet, name, asns.aliases) }),
    endpoints,
    announced: [],
    facts: rules.routesFacts(routes, endpoints.length),
  };
}

/** The user's own network with the subnets that something of ours lives in, or a new one. */
function deriveNetwork(region: FleetRegion): PlannedRegion["network"] {
  const rules = rulesOf(region.cloud);
  if (region.network === undefined || rules.existing === undefined) return { subnets: rules.subnets(region) };
  const { id, subnets, routeTables } = region.network;
  const given = rules.existing.subnets(gatewayLetters(region.gateways)).flatMap(({ key, name, role }) => {
    const subnet = subnets[key];
    return subnet === undefined ? [] : [{ name, role, ...subnet }];
  });
  return {
    subnets: given.map(({ name, role, cidr }) => ({ name, role, cidr: formatCidr(cidr) })),
    existing: {
      id,
      subnetIds: Object.fromEntries(given.map((subnet) => [subnet.name, subnet.id])),
      routeTables,
    },
  };
}

/** 32-bit private (RFC 6996). */
function privateAsn(fleet: string, kind: string, name: string): number {
  return 4200000000 + hashNumber(4294967294 - 4200000000 + 1, fleet, "asn", kind, name);
}

/** Two regions may have the same: none hears of another's. */
function aliasOf(fleet: string, name: string, aliases: readonly number[]): number {
  return aliases[hashNumber(aliases.length, fleet, "asn", "alias", name)] ?? 0;
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
  const sas = securityAssociations(fleet.crypto, id, partyIn(one), partyIn(other));
  // A packet must pass either way.
  const sizes = outsideSizes(outsideOf(one, other), Math.min(one.outerMtu, other.outerMtu));
  // No cloud's managed gateway knows roles.
  const known = one.managed === undefined && other.managed === undefined ? roles : undefined;
  const at = (region: PlannedRegion, gateway: string, host: 0 | 1): TunnelEnd => ({
    gateway,
    region: region.name,
    asn: region.asn,
    ...(known === undefined ? {} : { role: known[host] }),
  });
  return {
    id,
    ends,
    tunnels: endsOf(one).flatMap((here, first) =>
      endsOf(other).map((there, second) => {
        const tunnel: Tunnel = { ends: [at(one, here, 0), at(other, there, 1)], ...sas, ...sizes };
        // Of two managed ends the plan is refused.
        if (one.managed !== undefined) return managedTunnel(fleet.name, id, one, tunnel, 0, second, first);
        if (other.managed !== undefined)
          return managedTunnel(fleet.name, id, other, tunnel, 1, first, second);
        return deriveTunnel(fleet.name, tunnel, "x");
      }),
    ),
  };
}

function partyIn({ cloud, gateways, managed }: PlannedRegion): Offer {
  return partyOf({
    gateway: managed === undefined ? "self" : "managed",
    cloud,
    system: gateways[0]?.system ?? defaults.system,
  });
}

/**
 * A tunnel between a gateway of ours and a managed one.
 * @param end which of the tunnel's is the managed one's
 * @param gatewayPlace of the own gateway in its region
 * @param number of the tunnel in its connection, from 0
 */
function managedTunnel(
  fleet: string,
  link: string,
  { cloud, managed }: PlannedRegion,
  tunnel: Tunnel,
  end: 0 | 1,
  gatewayPlace: number,
  number: number,
): PlannedTunnel {
  const rules = rulesOf(cloud).managed;
  const own = tunnel.ends[end === 0 ? 1 : 0];
  const derived = deriveTunnel(fleet, tunnel, "x");
  if (rules === undefined || managed === undefined) return derived;
  const { insides, ...told } = rules.tunnel({
    ...{ fleet, link, managed, gatewayPlace },
    tunnel: number === 0 ? 0 : 1,
  });
  const inside = (index: 0 | 1): PlannedEnd => ({
    ...derived.ends[index],
    inside: index === end ? insides.managed : insides.own,
  });
  return {
    ...derived,
    ends: [inside(0), inside(1)],
    ikeSa: rekeyedBefore(derived.ikeSa, told.ikeLifetimeSeconds, told.rekeyMarginSeconds),
    childSa: childRekeyedBefore(derived.childSa, told.childLifetimeSeconds, told.rekeyMarginSeconds),
    managed: { end, connection: own.gateway, number: number + 1, ...told },
  };
}

/** What the own end waits less than the managed one would, so that one of the two rekeys. */
const apartSeconds = 120;

function sooner(seconds: number, lifetime: number, margin: number): number {
  return Math.min(seconds, lifetime - 2 * margin - apartSeconds);
}

function rekeyedBefore(
  ikeSa: PlannedTunnel["ikeSa"],
  lifetime: number,
  margin: number,
): PlannedTunnel["ikeSa"] {
  const rekeySeconds = sooner(ikeSa.rekeySeconds, lifetime, margin);
  return { ...ikeSa, rekeySeconds, overSeconds: Math.ceil(rekeySeconds / 10) };
}

function childRekeyedBefore(
  childSa: PlannedTunnel["childSa"],
  lifetime: number,
  margin: number,
): PlannedTunnel["childSa"] {
  const rekeySeconds = sooner(childSa.rekeySeconds, lifetime, margin);
  return { ...childSa, rekeySeconds, lifeSeconds: rekeySeconds + Math.ceil(rekeySeconds / 10) };
}

/** What its tunnels are told, and both gateways of a region have one system. */
function securityAssociations(
  { choice, links, ikeSa, childSa }: FleetCrypto,
  link: string | undefined,
  one: Offer,
  other: Offer,
): Pick<PlannedTunnel, "ikeSa" | "childSa" | "ppk"> {
  const own = links.get(link ?? "") ?? choice;
  const chosen = chooseProposals(own, one, other);
  // `checkSuites` refuses the plan then, and says why.
  const { ike, esp } = chosen.ok ? chosen : { ike: "", esp: "" };
  const { postQuantum } = own;
  return {
    ikeSa: { proposal: ike, ...ikeSa },
    childSa: { proposal: esp, ...childSa },
    ...(postQuantum === "ppk" || postQuantum === "ppk-optional"
      ? { ppk: { required: postQuantum === "ppk" } }
      : {}),
  };
}

type TunnelEnd = Omit<PlannedEnd, "inside" | "ifId" | "interface">;
type Tunnel = Omit<PlannedTunnel, "id" | "ends"> & { readonly ends: readonly [TunnelEnd, TunnelEnd] };

/** A tunnel's id, addresses and interface follow from its two ends' names alone. */
function deriveTunnel(fleet: string, { ends, ...rest }: Tunnel, letter: "x" | "p"): PlannedTunnel {
  const id = ends.map(({ gateway }) => gateway).join("~");
  const net = insideNet(fleet, id);
  const ifId = 1 + hashNumber(0xffffffff, fleet, "if-id", id);
  const whole = (host: 0 | 1): PlannedEnd => {
    const { role, ...end } = ends[host];
    return {
      ...end,
      inside: `${net(host)}/127`,
      ifId,
      interface: `${letter}${ifId.toString(36)}`,
      ...(role === undefined ? {} : { role }),
    };
  };
  return { id, ends: [whole(0), whole(1)], ...rest };
}

/** RFC 791 without options; RFC 8200. */
const ipHeader = { ipv4: 20, ipv6: 40 } as const satisfies Record<Family, number>;

/**
 * Inner bytes of ESP in UDP (RFC 3948, RFC 4303, RFC 4106): less the IP header, 8 UDP, 8 ESP, 8 IV, 16 ICV, down to a
 * multiple of 4, less 2 for pad length and next header. Segments are 40 bytes smaller over IPv4 and 60 over IPv6.
 */
function outsideSizes(outside: Family, outerMtu: number): Pick<PlannedTunnel, "outside" | "mtu" | "mss"> {
  const mtu = Math.floor((outerMtu - ipHeader[outside] - 40) / 4) * 4 - 2;
  return { outside, mtu, mss: { ipv4: mtu - 40, ipv6: mtu - 60 } };
}
