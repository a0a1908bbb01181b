import type { CloudName } from "../fleet/cloud";
import type { System } from "../fleet/system";

/**
 * What one layer hands on to the next: one versioned, typed, required object per stack, in its output `handover`.
 * Components take the same values as inputs, so one program (`environment`) and a stack per layer share their code.
 * The schemas that check them at a stack's edge are in `stacks/handover.ts`.
 */
export const regionFormat = "trunkline.region/1";
export const trustFormat = "trunkline.trust/1";
export const fabricFormat = "trunkline.fabric/1";

export interface RegionHandover {
  readonly format: typeof regionFormat;
  readonly region: string;
  readonly cloud: CloudName;
  readonly cloudRegion: string;
  readonly networkId: string;
  /** Of the gateways; on Google Cloud the network tag that firewall rules find them by. Absent where there are none of ours. */
  readonly securityGroupId?: string | undefined;
  readonly routeService: {
    /** Of the cloud's end; absent where gateways move routes themselves. */
    readonly asn?: number | undefined;
    /** Endpoint name of the plan, and its address in the gateway subnet. */
    readonly endpoints: readonly { readonly name: string; readonly address: string }[];
  };
  /** Where gateways move routes themselves: what they move, and where to. */
  readonly agent?:
    | {
        /** Ids of the route tables, by name. */
        readonly routeTables: Readonly<Record<string, string>>;
        /** Ids of the gateways' network interfaces, by gateway id. */
        readonly interfaces: Readonly<Record<string, string>>;
      }
    | undefined;
  /** Where a transit gateway follows the gateways, or is the region's managed one: its id, and what leads to it. */
  readonly transitGateway?:
    | {
        readonly id: string;
        /** Ids of the route tables, by name. */
        readonly routeTables: Readonly<Record<string, string>>;
      }
    | undefined;
  /** Where the region has a managed VPN gateway on Azure, or on Google Cloud: HA VPN with its Cloud Router. */
  readonly vpnGateway?:
    | {
        readonly id: string;
        /** Name of the Cloud Router; absent on Azure, whose gateway speaks BGP itself. */
        readonly router?: string | undefined;
        /** Public addresses of interfaces, or instances, 0 and 1. */
        readonly addresses: readonly string[];
      }
    | undefined;
  /** The address that the pair shares, where one moves. */
  readonly shared?:
    | {
        readonly publicAddress: string;
        /** The cloud's id of it: `eipalloc-…`. */
        readonly allocationId: string;
        /** By gateway id: the second private address of its interface, which the public one is moved to. */
        readonly privateAddresses: Readonly<Record<string, string>>;
      }
    | undefined;
  readonly gateways: readonly GatewayHandover[];
}

export interface GatewayHandover {
  /** Gateway id, such as `use1-a`. */
  readonly id: string;
  /** Changes when, and only when, the machine is a new one. */
  readonly instanceId: string;
  /** Of the machine that is there. */
  readonly imageEpoch: number;
  /** What the machine runs; changes with it alone. */
  readonly system: System;
  readonly privateAddress: string;
  /** The fixed public address behind 1:1 NAT. */
  readonly publicAddress: string;
  /** First address of the gateway's subnet: the cloud's router. */
  readonly routerAddress: string;
  /** Of a region with an IPv6 network, or one that speaks to others over IPv6: the gateway's address, its subnet's prefix length and router. */
  readonly ipv6?: { readonly address: string; readonly prefix: number; readonly router: string } | undefined;
  readonly sshUser: string;
  /** OpenSSH private key that may push. Secret. */
  readonly pushKey: string;
  /** Public SSH host key that user data carried, `ecdsa-sha2-nistp256 AAAA…`; pins the first connection only. */
  readonly bootstrapHostKey: string;
}

export interface TrustHandover {
  readonly format: typeof trustFormat;
  readonly fleet: string;
  /** PEM, one certificate each: strongSwan loads only the first of a file. */
  readonly roots: readonly string[];
  readonly intermediates: readonly string[];
  readonly gateways: readonly GatewayTrust[];
  /** Where tunnels have preshared keys, post-quantum or with a managed gateway: of each region that does, what they are derived of. Secret. */
  readonly ppkSeeds?: Readonly<Record<string, string>> | undefined;
}

export interface GatewayTrust {
  readonly id: string;
  readonly keyEpoch: number;
  /** PEM leaf. */
  readonly certificate: string;
  /** Public SSH host key made on the machine; pins every connection after the first. */
  readonly hostKey: string;
}

/** What a fabric stack ends with. */
export interface FabricHandover {
  readonly format: typeof fabricFormat;
  readonly region: string;
  readonly releases: readonly { readonly gateway: string; readonly hash: string }[];
  /** Of a managed gateway: the public address of its end of each tunnel, by the tunnel's id. */
  readonly managedAddresses?: Readonly<Record<string, string>> | undefined;
}
