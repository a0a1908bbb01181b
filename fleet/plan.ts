import type { CloudName } from "./cloud";
import type { Family } from "./family";
import type { HaMode, Preference, Told } from "./ha";
import type { KeyAlgorithm } from "./key-algorithm";
import type { RoutesFacts } from "./routes";
import type { System } from "./system";

/**
 * The plan: one plain, documented, versioned document derived from a fleet file alone. No state, no clock, no
 * randomness; the same fleet gives the same bytes. Regions, links and filters are sorted by name.
 */
export const planFormat = "trunkline.plan/1";

export interface Plan {
  readonly format: typeof planFormat;
  /** The fleet's name. */
  readonly fleet: string;
  readonly topology: "mesh" | "hub-and-spoke" | "links";
  readonly regions: readonly PlannedRegion[];
  readonly links: readonly PlannedLink[];
  /** What one region tells another over BGP on their link, both directions of every link, sorted. */
  readonly filters: readonly PlannedFilter[];
  readonly trust: PlannedTrust;
  /** Every ordered pair of regions that must reach each other, with the regions the packets pass. */
  readonly routes: readonly PlannedRoute[];
}

export interface PlannedRegion {
  /** The key in the fleet file, `[a-z][a-z0-9]{0,11}`. */
  readonly name: string;
  readonly cloud: CloudName;
  /** The cloud's own name of its region, such as `us-east-1`. */
  readonly cloudRegion: string;
  /** AWS account, Azure subscription or Google Cloud project; absent: that of the credentials. */
  readonly owner?: string;
  /** The region's own networks, canonical IPv4 CIDRs; gateways live in the first. */
  readonly cidrs: readonly string[];
  /** Beside them: a canonical IPv6 CIDR (RFC 5952), and the id of the cloud's pool that it is taken from. */
  readonly ipv6?: { readonly cidr: string; readonly pool: string };
  /** Shared by the region's gateways; 32-bit private (RFC 6996), 4200000000–4294967294. */
  readonly asn: number;
  /** May carry traffic between other regions. */
  readonly transit: boolean;
  /** Of the addresses by which its gateways speak to other regions that have the same; towards all others it is IPv4. */
  readonly outside: Family;
  /** Bytes of a packet on its way to other regions, IP header included; a link's tunnels fit the smaller of both ends. */
  readonly outerMtu: number;
  /** Between two BFD packets of its gateways (RFC 5880); two ends keep to the slower one. */
  readonly bfdMilliseconds: number;
  readonly ha: HaMode;
  /** What makes other regions prefer the first gateway; absent where all are equal. */
  readonly preference?: Preference;
  /** The pair as other regions see it, where it has one address that moves; absent: each gateway has its own. */
  readonly shared?: PlannedShared;
  /** Where the cloud's own VPN gateway serves the region, and no gateway of ours does. */
  readonly managed?: PlannedManaged;
  readonly network: PlannedNetwork;
  readonly routeService: PlannedRouteService;
  /** In the order in which an active-standby region prefers them. */
  readonly gateways: readonly PlannedGateway[];
  /**
   * Between each two gateways of the region, over their private addresses: what one of them cannot send out itself it
   * hands to the other (iBGP). Same shape as a tunnel between regions; both ends are in this region.
   */
  readonly pairTunnels: readonly PlannedTunnel[];
  /** CIDRs that SSH to the gateways is admitted from; empty in a plan that only a lab may run. */
  readonly managementAllowFrom: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface PlannedShared {
  /** What its tunnels to other regions end at: the region's name. */
  readonly id: string;
  /** FQDN beside the own one in both gateways' certificates; the IKE identity of whoever holds the address. */
  readonly identity: string;
}

export interface PlannedManaged {
  /**
   * What its tunnels to other regions end at: `use1-1` is the first tunnel's end of every connection, `use1-2` the second's. The
   * cloud keeps the two apart, so that one is lost without the other. On Google Cloud they are interfaces 0 and 1, on Azure
   * instances 0 and 1.
   */
  readonly ends: readonly string[];
  /** In the cloud's words, where it is made in one of several: on Azure its SKU. */
  readonly size?: string;
  /** Where both ends have one address each inside of all their tunnels: a /30 of 169.254.0.0/16, the first end's first. */
  readonly insideCidr?: string;
}

export interface PlannedNetwork {
  /**
   * Gateways' first, then workloads'. On AWS one for each gateway (`gateway-a`) and for each zone (`workload-a`); of the user's
   * network those alone that something of ours lives in. On Google Cloud `gateways` and `workloads`, whatever the zone, and one for each further network; on Azure the same, and
   * the Route Server's own, or a managed gateway's.
   */
  readonly subnets: readonly PlannedSubnet[];
  /** The network is the user's, and nothing of it is changed or deleted; absent: it is a new one. */
  readonly existing?: ExistingNetwork;
}

export interface ExistingNetwork {
  /** The cloud's id, such as `vpc-0123456789abcdef0`; of Azure a resource's. */
  readonly id: string;
  /** Ids by the names in `subnets`. */
  readonly subnetIds: Readonly<Record<string, string>>;
  /** Ids of the tables that take the routes to other regions, sorted; none on Azure, where the route service needs none. */
  readonly routeTables: readonly string[];
}

export interface PlannedSubnet {
  readonly name: string;
  readonly role: "gateway" | "attachment" | "route-service" | "workload";
  /** Suffix of the zone, where a subnet lies in one: on AWS `a` is the first that the account sees. The user's has its own. */
  readonly zone?: string;
  readonly cidr: string;
  /** Of a region with an IPv6 network: a /64 of it. */
  readonly ipv6?: string;
  /** Of a network whose IPv6 block the cloud chooses: which /64 of it, from 0. */
  readonly ipv6Place?: number;
}

/** How the region's own network finds the gateways, what that costs, and how long its failover takes. */
export type PlannedRouteService = (
  PlannedService | PlannedAgent | PlannedTransitGateway | PlannedManagedService
) & {
  /**
   * What the network is told of other regions, of the families that it has, sorted as text: their networks, or, where those are more than it takes, prefixes
   * that stand for several of them. It follows from the set of networks of the fleet.
   */
  readonly announced: readonly string[];
  readonly facts: RoutesFacts;
};

/** The cloud's own route service; every gateway tells it all of `announced`. */
export interface PlannedService {
  readonly kind: "service";
  /** ASN of the cloud's end (AWS VPC Route Server: `amazonSideAsn`; Google Cloud's Cloud Router: `bgp.asn`; Azure: 65515). */
  readonly asn: number;
  /**
   * What the region's gateways call themselves towards it, and all that their AS paths hold there, where it takes 16-bit ASNs
   * alone and the region's is none of those.
   */
  readonly alias?: number;
  /** On AWS one in each gateway subnet, elsewhere two, whatever the zone; every gateway peers with each. */
  readonly endpoints: readonly { readonly name: string; readonly subnet: string }[];
}

/** A static route for each of `announced`, which the gateways themselves move: in their order, by the cloud's API. */
export interface PlannedAgent {
  readonly kind: "agent";
  readonly endpoints: readonly [];
}

/**
 * A transit gateway of the region's own, which the network's tables lead to: a static route for each of `announced`. Every
 * gateway is a Connect peer of it, tells it each network by itself, and has a share of the flows.
 */
export interface PlannedTransitGateway {
  readonly kind: "transit-gateway";
  readonly endpoints: readonly [];
  /** Its ASN (AWS: `amazonSideAsn`). */
  readonly asn: number;
  /** Where its own addresses come from. */
  readonly cidr: string;
  /** Names of the subnets that it is attached in, one in each zone: what lives in another zone does not reach it. */
  readonly attachedIn: readonly string[];
  /** In the gateways' order. */
  readonly peers: readonly PlannedTransitPeer[];
}

/**
 * The cloud's managed VPN gateway, which joins the network itself and speaks BGP inside its tunnels. On AWS a static route for
 * each of `announced` leads there; on Azure and Google Cloud the network learns them by BGP.
 */
export interface PlannedManagedService {
  readonly kind: "managed";
  readonly endpoints: readonly [];
  /** Names of the subnets that it joins the network in, one in each zone; none where it is the network's own (Google Cloud). */
  readonly attachedIn: readonly string[];
}

/** One gateway and the transit gateway: GRE over the network, and two BGP sessions inside. */
export interface PlannedTransitPeer {
  /** The gateway's id. */
  readonly gateway: string;
  /** The transit gateway's end of GRE. */
  readonly address: string;
  /** A /29 of 169.254.0.0/16. */
  readonly insideNetwork: string;
  /** The gateway's address in it, such as `169.254.100.1/29`. */
  readonly inside: string;
  /** The transit gateway's two. */
  readonly speakers: readonly [string, string];
}

export interface PlannedGateway {
  /** `use1-a`: region and letter. */
  readonly id: string;
  readonly letter: string;
  readonly subnet: string;
  /** Suffix of its zone, where its subnet lies in several. */
  readonly zone?: string;
  /** In the cloud's words. */
  readonly size: string;
  /** What a machine that is made runs; one that is there keeps its own until `imageEpoch` is raised. */
  readonly system: System;
  /** Of a key that is made; one that is there stays as it is until `keyEpoch` is raised. */
  readonly keyAlgorithm: KeyAlgorithm;
  /** FQDN in the certificate's SAN, and the IKE identity (RFC 7296 ID_FQDN). */
  readonly identity: string;
  /** BGP identifier, dotted quad by hash. */
  readonly routerId: string;
  /**
   * MED towards the route service: lower is preferred, so that one of the pair is chosen. Of a service that spreads flows it
   * differs only where one stands by.
   */
  readonly med: number;
  /** Towards other regions. */
  readonly told: Told;
  /** Raised to renew the key and certificate of this gateway alone. */
  readonly keyEpoch: number;
  /** Raised to replace the machine of this gateway alone. */
  readonly imageEpoch: number;
}

export interface PlannedLink {
  /** Both ends sorted, `euw1~use1`. */
  readonly id: string;
  /** Region names, sorted. */
  readonly ends: readonly [string, string];
  readonly tunnels: readonly PlannedTunnel[];
}

export interface PlannedTunnel {
  /** `euw1-a~use1-b`; sorted as the link is. */
  readonly id: string;
  readonly ends: readonly [PlannedEnd, PlannedEnd];
  readonly ikeSa: IkeSaParameters;
  readonly childSa: ChildSaParameters;
  /** A post-quantum preshared key (RFC 8784), known by the tunnel's id; an end without it is let in unless it is required. */
  readonly ppk?: { readonly required: boolean };
  /** Where one end is a cloud's managed gateway: what that is told. Both prove themselves by a preshared key of the tunnel's own. */
  readonly managed?: PlannedManagedTunnel;
  /** Of the addresses that its packets travel between; within a pair always IPv4. */
  readonly outside: Family;
  /** Bytes an inner packet may have, from the outer MTU (reference: RFC 4303, RFC 3948). */
  readonly mtu: number;
  /** TCP maximum segment size over IPv4 and IPv6 inside the tunnel. */
  readonly mss: { readonly ipv4: number; readonly ipv6: number };
}

export interface PlannedManagedTunnel {
  /** Which of `ends` is the cloud's. */
  readonly end: 0 | 1;
  /** Id of the own gateway at the other end: the cloud has one connection for each. */
  readonly connection: string;
  /** Which tunnel of that connection: 1 or 2. */
  readonly number: number;
  /** A /30 of 169.254.0.0/16; where the own end has one address for both tunnels of a connection, that is in it. */
  readonly insideCidr: string;
  /** What the preshared key is derived by, where the cloud has one for both tunnels of a connection; absent: the tunnel's id. */
  readonly keyName?: string;
  /**
   * After which the cloud's end has rekeyed; it begins within twice `rekeyMarginSeconds` before, or that is allowed for where
   * the cloud names no time. The own end does sooner.
   */
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
  readonly rekeyMarginSeconds: number;
  /** Of silence, after which the cloud's end takes the own one for gone; absent where nobody can choose it. */
  readonly dpdTimeoutSeconds?: number;
  /** Of BGP inside, where they are not what gateways have among each other. */
  readonly bgpSeconds?: { readonly keepalive: number; readonly hold: number };
}

export interface PlannedEnd {
  /** Gateway id; of a pair that shares an address, the pair's; of a managed gateway its end's. */
  readonly gateway: string;
  readonly region: string;
  readonly asn: number;
  /**
   * This end's inside address: an IPv6 ULA with /127, such as `fd12:3456:789a::1/127`; of a tunnel to a managed gateway a
   * link-local IPv4 one with /30, such as `169.254.6.2/30`, or with /32 where the two ends share no network.
   */
  readonly inside: string;
  /** XFRM interface id, 1–4294967295, unique on its gateway. */
  readonly ifId: number;
  /** Name of the XFRM interface, at most 15 characters: `x…` towards another region, `p…` within the pair. */
  readonly interface: string;
  /** This end's BGP role (RFC 9234), where the topology gives one. */
  readonly role?: LinkRole;
}

/** Of the end itself: a hub is its spokes' `provider`. */
export type LinkRole = "peer" | "provider" | "customer";

export interface IkeSaParameters {
  /** strongSwan's words, one transform per role: `aes256gcm16-prfsha384-ecp384`. */
  readonly proposal: string;
  readonly rekeySeconds: number;
  readonly overSeconds: number;
  readonly dpdDelaySeconds: number;
}

export interface ChildSaParameters {
  /** `aes256gcm16-ecp384`: the group is for perfect forward secrecy. */
  readonly proposal: string;
  readonly rekeySeconds: number;
  readonly lifeSeconds: number;
}

export interface PlannedFilter {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** Exactly the prefixes that `from` announces to `to` and that `to` accepts, of both families, sorted as text. */
  readonly prefixes: readonly string[];
}

export interface PlannedTrust {
  /** Days; root, intermediate and leaf certificates. */
  readonly rootDays: number;
  readonly intermediateDays: number;
  readonly leafDays: number;
}

export interface PlannedRoute {
  readonly from: string;
  readonly to: string;
  /** Regions passed on the way, both ends included: `["use1", "euw1"]` is direct. */
  readonly via: readonly string[];
}

/** Every tunnel of a plan: between regions, and within each pair. */
export function allTunnels({ links, regions }: Plan): PlannedTunnel[] {
  return [...links.flatMap(({ tunnels }) => tunnels), ...regions.flatMap(({ pairTunnels }) => pairTunnels)];
}

/** The region of a gateway, by the gateway's id. */
export function homeOf({ regions }: Plan, gateway: string): PlannedRegion | undefined {
  return regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway));
}

/** The address of an inside network such as `fd00::1/127`. */
export function hostOf(inside: string): string {
  return inside.slice(0, inside.indexOf("/"));
}
