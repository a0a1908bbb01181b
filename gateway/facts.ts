import type { System } from "../fleet/system";

/** What is known of a gateway only once it and its peers are there: addresses and certificates. No secrets. */
export interface GatewayFacts {
  readonly self: {
    /** IPv4 on the machine's one interface, behind 1:1 NAT. */
    readonly privateAddress: string;
    /** What the cloud's 1:1 NAT shows others; known where a peer is a managed gateway, which asks for it as identity. */
    readonly publicAddress?: string;
    /** The second one of the interface, behind the address that the pair shares, while that is here. */
    readonly sharedAddress?: string;
    /** The cloud's router in the gateway's subnet: the way to the region's own networks. */
    readonly routerAddress: string;
    /** Of a region with an IPv6 network, or one that speaks to others over IPv6. */
    readonly ipv6?: {
      readonly address: string;
      /** Prefix length of the subnet. */
      readonly prefix: number;
      /** The cloud's router in it. */
      readonly router: string;
    };
    /** What the machine runs: of the moment when it was made, whatever the fleet file says by now. */
    readonly system: System;
  };
  /** The route service's ends, by the plan's endpoint names. */
  readonly endpoints: readonly { readonly name: string; readonly address: string }[];
  /** Where the region's gateways move routes themselves: which tables, and to which network interface of whom. */
  readonly agent?: {
    /** The cloud's own name of its region: its API answers there. */
    readonly cloudRegion: string;
    /** Ids, sorted. */
    readonly routeTables: readonly string[];
    /** Ids of network interfaces by gateway id. */
    readonly interfaces: Readonly<Record<string, string>>;
    /** The address that moves with them: the cloud's id of it, and the private address of each gateway that it goes to. */
    readonly address?: {
      readonly allocation: string;
      readonly privateAddresses: Readonly<Record<string, string>>;
    };
  };
  /**
   * Address of every peer as this gateway reaches it, by gateway id: private IPv4 in its own region, else public, of the
   * family that the link is of; of a pair elsewhere that shares an address, that, by the pair's id; of a managed gateway its
   * end's address in this gateway's own connection, by the end's id.
   */
  readonly peers: Readonly<Record<string, string>>;
  /** PEM leaf. */
  readonly certificate: string;
  /** PEM, one certificate each. */
  readonly roots: readonly string[];
  readonly intermediates: readonly string[];
}
