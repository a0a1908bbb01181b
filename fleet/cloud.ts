import type { Family } from "./family";
import type { AddressChoice } from "./ha";
import type { Cidr } from "./cidr";
import type { Cidr6 } from "./cidr6";
import type { VendorTransforms } from "./crypto/offer";
import type { GatewayKind } from "./gateway-kind";
import type { GatewayLetter } from "./letters";
import type { PlannedManaged, PlannedManagedTunnel, PlannedSubnet } from "./plan";
import type { ProblemCode } from "./problem";
import type { RoutesChoice, RoutesFacts } from "./routes";

/** Clouds that a region may lie in. */
export const cloudNames = ["aws", "azure", "gcp"] as const;
export type CloudName = (typeof cloudNames)[number];

/**
 * What planning asks of a cloud. Each cloud's folder answers with values that stand in its `limits.ts`, each with the page
 * that it comes from.
 */
export interface CloudRules {
  /** As sentences name it: `AWS`. */
  readonly title: string;
  readonly regions: ReadonlySet<string>;
  readonly owner: OwnerRules;
  /** One of them, for a sentence that asks for one. */
  readonly regionExample: string;
  readonly network: NetworkRules;
  readonly size: SizeRules;
  /** Bytes of an IP packet: within a network, and from a gateway to the internet at the most. */
  readonly mtu: { readonly within: number; readonly outer: number };
  readonly tags: TagRules;
  readonly quotas: { readonly addresses: QuotaRules; readonly networks: QuotaRules };
  /** What of the fleet file it does not have. */
  readonly lacks: Readonly<Partial<Record<CloudFeature, Lack>>>;
  /** What takes a region's routes to the others, by its choice; a choice that is not here is among `lacks`. */
  readonly takers: Readonly<Partial<Record<RoutesChoice, Taker>>>;
  readonly session: SessionRules;
  /** Of a network that is there already; absent: `network` is among `lacks`. */
  readonly existing?: ExistingRules;
  /** Of its managed VPN gateways; absent: they are not built yet. */
  readonly managed?: ManagedRules;
  /** The route service with that many ends, in half a sentence. */
  serviceText(endpoints: number): string;
  /** @param endpoints what is paid for by the hour */
  routesFacts(choice: RoutesChoice, endpoints: number, address?: AddressChoice): RoutesFacts;
  /** Of a new network: gateways' subnets first. */
  subnets(region: NetworkedRegion): PlannedSubnet[];
  /** Where the gateway at this place of its region lives. */
  gatewayPlace(letter: GatewayLetter, place: number): { readonly subnet: string; readonly zone?: string };
  /** Ends of the route service. */
  endpoints(letters: readonly GatewayLetter[]): { readonly name: string; readonly subnet: string }[];
}

/** Keys of a region for whose resources are in. */
export const ownerKeys = ["account", "subscription", "project"] as const;
export type OwnerKey = (typeof ownerKeys)[number];

export interface OwnerRules {
  readonly key: OwnerKey;
  readonly pattern: RegExp;
  /** `an AWS account's id`. */
  readonly called: string;
  readonly example: string;
}

/** What the file says of a network that is there already, in the cloud's words. */
export interface ExistingRules {
  readonly networkId: IdRules;
  /** Of the tables that take the routes to other regions. Where a route service needs none named: why, and what to do. */
  readonly tables: { readonly id: IdRules } | { readonly none: Advice };
  /** All that are named, in the order of the plan. */
  subnets(letters: readonly GatewayLetter[]): readonly ExistingSubnetRules[];
  /** What is wrong about a subnet that is none of them. */
  notUsed(key: string): string;
  /** Where ids say more than a name: what of them does not go with the others. Each is of its form. */
  disagreeing(ids: ExistingIds): readonly IdDisagreement[];
}

export interface Advice {
  readonly message: string;
  readonly remedy: string;
}

export interface IdRules {
  readonly pattern: RegExp;
  /** `id that begins with vpc-`, after "no". */
  readonly called: string;
  readonly example: string;
}

export interface ExistingSubnetRules {
  /** In the file. */
  readonly key: string;
  /** In the plan. */
  readonly name: string;
  readonly role: "gateway" | "route-service";
  readonly id: IdRules;
  /** Prefix length of the smallest that will do. */
  readonly longest: number;
  readonly absent: Advice;
}

/** What of them the file has. */
export interface ExistingIds {
  /** Account, subscription or project. */
  readonly owner?: string | undefined;
  readonly network?: string | undefined;
  /** By their keys. */
  readonly subnets: Readonly<Record<string, string>>;
}

export interface IdDisagreement extends Advice {
  /** Of the network's own id undefined. */
  readonly subnet?: string;
}

/** A cloud's managed VPN gateway, linked with gateways of ours. */
export interface ManagedRules {
  /** `Site-to-Site VPN at a transit gateway`. */
  readonly called: string;
  readonly transforms: VendorTransforms;
  /** Tunnels to each own gateway, each to an end of its own. */
  readonly tunnels: 2;
  /** Whether each of its ends has one address for all who call it, or another for each tunnel. */
  readonly addresses: "end" | "tunnel";
  /** Names of the subnets that it joins the network in; none where it is the network's own. */
  readonly attachedIn: readonly string[];
  /** Where it is made in one of several sizes. */
  readonly size?: ManagedSizeRules;
  /** Where its own addresses inside of tunnels are the same for all of them, and the cloud has few. */
  readonly inside?: ManagedInsideRules;
  /** ASNs that it may have, and those at the other ends of its tunnels; absent: every private one. */
  readonly asns?: { takes(asn: number): boolean; readonly remedy: string };
  /** Fixed public addresses that it needs of the account's; absent: the cloud has its own. */
  readonly publicAddresses?: number;
  /** What its end of a tunnel is told, and both inside addresses. */
  tunnel(of: ManagedTunnelPlace): Omit<PlannedManagedTunnel, "end" | "connection" | "number"> & {
    readonly insides: { readonly managed: string; readonly own: string };
  };
  /** What the region's network takes of what it is told. */
  readonly taker: Taker;
  /** @param connections one for each own gateway that it is linked with */
  facts(connections: number, size?: string): RoutesFacts;
  /** Of connections; absent where the cloud names no number. */
  readonly quota?: QuotaRules;
  /** How many connections one has at the most, whatever the account, and who says so. */
  most?(size?: string): { readonly connections: number; readonly because: string; readonly remedy?: string };
  /** Why a gateway of ours in the same cloud might be refused as its peer; absent where nothing says so. */
  readonly peersOfItsCloud?: string;
}

export interface ManagedTunnelPlace {
  readonly fleet: string;
  readonly link: string;
  /** The managed gateway's. */
  readonly managed: PlannedManaged;
  /** Of the own gateway in its region, from 0. */
  readonly gatewayPlace: number;
  readonly tunnel: 0 | 1;
}

export interface ManagedSizeRules extends SizeRules {
  /** Why one that the cloud has will not do, and which will. */
  unfit(size: string): Advice | undefined;
}

export interface ManagedInsideRules {
  /** The network that both of its ends have their addresses in, by hash of the region's name. */
  derive(fleet: string, region: string): Cidr;
  /** Why it does not take this one. */
  unfit(cidr: Cidr): Advice | undefined;
  /** How many such networks there are. */
  readonly pool: number;
  /** `169.254.21.0 to 169.254.22.255`. */
  readonly range: string;
}

export interface NetworkedRegion {
  readonly cidrs: readonly Cidr[];
  readonly gateway: GatewayKind;
  readonly gateways: number;
  readonly ipv6?: { readonly cidr: Cidr6 };
  readonly outside: Family;
}

export interface NetworkRules {
  /** At the beginning of a sentence: `A VPC`. */
  readonly title: string;
  /** Where a route of the user's own would stand: `the VPC's tables`. */
  readonly tables: string;
  /** Prefix lengths of its networks. */
  readonly prefix: { readonly shortest: number; readonly longest: number };
  /** How many networks it takes. */
  readonly most: number;
  /** Prefix length of the longest first network, which that many gateways and the workloads live in. */
  longestFirst(gateways: number): number;
  /** Networks that it does not take, besides those that nobody routes, with where it says so. */
  readonly reserved: readonly { readonly text: string; readonly why: string }[];
  /** Whether gateways must live in addresses of RFC 1918, and who says so. */
  readonly privateGateways?: string;
}

export interface SizeRules {
  readonly standard: string;
  readonly pattern: RegExp;
  /** `EC2 instance type`. */
  readonly called: string;
}

export interface TagRules {
  /** Those of the user's: ours take some of the room. */
  readonly most: number;
  /** What is wrong with one, and what would do; undefined when nothing is. */
  check(key: string, value: string): { readonly message: string; readonly remedy: string } | undefined;
}

export interface QuotaRules {
  readonly most: number;
  /** What a region needs of them for something else than its gateways. */
  readonly besides?: number;
  /** Of what a fresh account has so many. */
  readonly within: "region" | "account";
  /** `Elastic IPs`. */
  readonly called: string;
  /** `a fresh account`. */
  readonly whose: string;
  /** What to ask whom for. */
  readonly remedy: string;
}

/** Keys and values of a region that not every cloud has. */
export type CloudFeature = "network" | "ipv6" | "agent" | "transit-gateway" | "moved" | "outside";

export interface Lack {
  readonly code: "NotYetSupported" | "KeyConflict";
  readonly message: string;
  readonly remedy: string;
}

/** What a BGP session with the route service is like, from a gateway. */
export interface SessionRules {
  /** Whether it speaks BFD (RFC 5880). */
  readonly bfd: boolean;
  /**
   * `hops`: an end may lie behind the cloud's router. `link`: every end is in the gateway's own subnet, which its interface
   * need not show, for its address may be a /32.
   */
  readonly away: "hops" | "link";
  /** Of its own, where they are not what gateways have among each other. */
  readonly seconds?: { readonly keepalive: number; readonly hold: number };
  /**
   * What it prefers a gateway by. `med`: it follows one of them. `as-path`: it spreads flows over all whose AS path is as
   * long, and nobody says what it makes of a MED.
   */
  readonly chosenBy: "med" | "as-path";
  /** Where its ASN is its own, and not everybody's may stand in what it hears. */
  readonly asns?: AsnRules;
}

export interface AsnRules {
  /** Of the cloud's end, in every region. */
  readonly service: number;
  /** Whether a gateway may have that ASN towards it. */
  takes(asn: number): boolean;
  /** Private ones that it takes, for regions whose own it does not. */
  readonly aliases: readonly number[];
}

/** How many routes it takes, and how that is said. */
export interface Taker {
  readonly most: number;
  /** Gateways tell it every network by itself, and nobody merges any. */
  readonly exact?: true;
  readonly full: ProblemCode;
  /** Where gateways may merge some. */
  readonly covers?: ProblemCode;
  /** `Its Route Server`. */
  readonly its: string;
  /** `be told of`, `is told of`. */
  readonly told: string;
  readonly isTold: string;
}
