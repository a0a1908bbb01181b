import type * as pulumi from "@pulumi/pulumi";
import type { Family } from "../../fleet/family";
import type { PlannedManagedTunnel, PlannedRegion, PlannedTunnel } from "../../fleet/plan";
import type { RegionHandover } from "../handover";

/** What every cloud's folder offers to the layers. */
export interface Cloud {
  /** The provider of one region; every resource of the region gets it explicitly. */
  provider(name: string, region: PlannedRegion, opts: pulumi.ResourceOptions): pulumi.ProviderResource;
  /** Network, machines, addresses and route service of one region. */
  region(
    name: string,
    region: CloudRegion,
    opts: pulumi.ComponentResourceOptions,
  ): pulumi.Output<RegionHandover>;
  /** Admits the region's peers to its gateways. */
  admitPeers(name: string, peers: CloudPeers, opts: pulumi.ComponentResourceOptions): pulumi.Resource;
  /** Names of the tables that take a region's routes to the others, in order. */
  routeTables(region: PlannedRegion): readonly string[];
  /**
   * The managed gateway's end of its tunnels to one gateway of ours; absent: the cloud's are not built yet.
   * @returns public addresses of its ends, in the tunnels' order
   */
  connectManaged?(
    name: string,
    connection: CloudConnection,
    opts: pulumi.ComponentResourceOptions,
  ): pulumi.Output<readonly string[]>;
  /** Makes the routes of a region whose gateways move them, or that a transit gateway follows. */
  remoteRoutes(name: string, routes: CloudRoutes, opts: pulumi.ComponentResourceOptions): pulumi.Resource;
}

export interface CloudConnection {
  readonly fleet: string;
  /** The managed gateway's. */
  readonly region: PlannedRegion;
  /** What that region handed on. */
  readonly own: pulumi.Output<RegionHandover>;
  /** Id of the gateway at the other end, and its public address. */
  readonly peer: string;
  readonly peerAddress: pulumi.Input<string>;
  readonly peerAsn: number;
  /** Of one connection, in the order of their numbers; the keys are secret. */
  readonly tunnels: readonly {
    readonly tunnel: PlannedTunnel;
    readonly told: PlannedManagedTunnel;
    readonly presharedKey: pulumi.Input<string>;
  }[];
}

export interface CloudRoutes {
  /** Names of the region's route tables, in order. */
  readonly tables: readonly string[];
  readonly prefixes: readonly string[];
  /** By table name. */
  readonly tableId: (table: string) => pulumi.Input<string>;
  /** The gateway that routes lead to at first, or the transit gateway. */
  readonly target:
    | { readonly networkInterfaceId: pulumi.Input<string> }
    | { readonly transitGatewayId: pulumi.Input<string> };
}

export interface CloudRegion {
  readonly fleet: string;
  readonly region: PlannedRegion;
  /** Whether networks and addresses are protected from deletion. */
  readonly protect: boolean;
}

export interface CloudPeers {
  readonly fleet: string;
  readonly region: PlannedRegion;
  readonly networkId: pulumi.Input<string>;
  /** Id of the gateways' firewall: a security group, a network security group, or on Google Cloud the network tag that rules find them by. */
  readonly securityGroupId: pulumi.Input<string>;
  /** Gateway ids of every peer, sorted, with the public address by which this region reaches it, and its family. */
  readonly peers: readonly {
    readonly gateway: string;
    readonly outside: Family;
    readonly address: pulumi.Input<string>;
  }[];
}
