import type { Cidr } from "./cidr";
import type { Cidr6 } from "./cidr6";
import type { CloudName } from "./cloud";
import type { CryptoChoice } from "./crypto/choose";
import type { Family } from "./family";
import type { GatewayKind } from "./gateway-kind";
import type { AddressChoice, HaMode, Preference } from "./ha";
import type { ChildSaParameters, IkeSaParameters, PlannedTrust } from "./plan";
import type { KeyAlgorithm } from "./key-algorithm";
import type { Position } from "./problem";
import type { FleetRollout } from "./rollout";
import type { RoutesChoice } from "./routes";
import type { System } from "./system";

/** A fleet file, parsed: every default in its place, every value valid by itself. */
export interface Fleet {
  readonly name: string;
  readonly topology: Topology;
  /** Sorted by name. */
  readonly regions: readonly FleetRegion[];
  readonly crypto: FleetCrypto;
  readonly trust: PlannedTrust;
  /** Of how it is built, not of what is built: no plan holds it. */
  readonly rollout: FleetRollout;
  /** Place of each value by its path, such as `regions.use1.cidr`. */
  readonly positions: ReadonlyMap<string, Position>;
}

export interface FleetCrypto {
  /** Of every tunnel, within pairs as well. */
  readonly choice: CryptoChoice;
  /** Of the tunnels of one link, by its id such as `euw1~use1`. */
  readonly links: ReadonlyMap<string, CryptoChoice>;
  readonly ikeSa: Omit<IkeSaParameters, "proposal">;
  readonly childSa: Omit<ChildSaParameters, "proposal">;
}

export type Topology =
  | { readonly kind: "mesh" }
  | { readonly kind: "hub-and-spoke"; readonly hubs: readonly string[] }
  /** Each pair sorted. */
  | { readonly kind: "links"; readonly links: readonly (readonly [string, string])[] };

export interface FleetNetwork {
  readonly id: string;
  /** By the cloud's own keys, on AWS gateway letters. */
  readonly subnets: Readonly<Record<string, { readonly id: string; readonly cidr: Cidr }>>;
  /** Sorted; none where the route service needs none named. */
  readonly routeTables: readonly string[];
}

export interface FleetRegion {
  readonly name: string;
  readonly cloud: CloudName;
  readonly cloudRegion: string;
  /** Account, subscription or project; absent: the credentials' own. */
  readonly owner?: string;
  /** At least one; gateways live in the first. */
  readonly cidrs: readonly Cidr[];
  /** Where each of `cidrs` stands: `cidr`, or `cidrs[0]`. */
  readonly cidrPaths: readonly string[];
  /** Beside IPv4: a network, and the cloud's pool that it is taken from. */
  readonly ipv6?: { readonly cidr: Cidr6; readonly pool: string };
  readonly asn?: number;
  /** Whose its gateways are. What follows of gateways is of own ones, and says nothing of a managed region. */
  readonly gateway: GatewayKind;
  /** How many of its own; letters from `a`. Of a managed region 0. */
  readonly gateways: number;
  readonly ha: HaMode;
  /** Of an active-standby region. */
  readonly preference: Preference;
  readonly address: AddressChoice;
  /** Of its gateways' addresses towards other regions. */
  readonly outside: Family;
  /** The user's own; absent: a new one is made. */
  readonly network?: FleetNetwork;
  readonly routes: RoutesChoice;
  /** Of the transit gateway's own addresses, where the file says it. */
  readonly transitGatewayCidr?: Cidr;
  /** Of its gateways' machines, or of a managed gateway that is made in one of several. */
  readonly size: string;
  /** Of a managed gateway's own addresses inside of tunnels, where the file says it. */
  readonly insideCidr?: Cidr;
  readonly system: System;
  readonly keyAlgorithm: KeyAlgorithm;
  /** Bytes of a packet between regions, IP header included. */
  readonly outerMtu: number;
  /** Between two BFD packets. */
  readonly bfdMilliseconds: number;
  readonly transit: boolean;
  readonly managementAllowFrom: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** By gateway letter. */
  readonly epochs: Readonly<Record<string, { readonly key: number; readonly image: number }>>;
}
