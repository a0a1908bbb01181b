import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { FabricHandover } from "../handover";
import { explain } from "../problem";
import { planBackbone } from "./backbone.plan";
import { neighbourRegions } from "./facts.plan";
import { fabricLayer, regionLayer, regionProvider, trustLayer } from "./layers";
import { managedNeighbours } from "./managed";

export const Topology = {
  /** Every region with every other. */
  Mesh: "mesh",
  /** Spokes with hubs, hubs with each other. */
  HubAndSpoke: "hub-and-spoke",
} as const;
export type Topology = (typeof Topology)[keyof typeof Topology];

export interface FleetSubnetArgs {
  /** Its id: `subnet-…`; on Azure its resource id. */
  id: string;
  /** Its IPv4 network, within the region's. */
  cidr: string;
}

export interface FleetNetworkArgs {
  /** The VPC's id: `vpc-…`; on Azure the virtual network's resource id. */
  id: string;
  /** By gateway letter: the subnet that the gateway lives in, routed to the internet; on Azure `gateways` and `RouteServerSubnet`. */
  subnets: Record<string, FleetSubnetArgs>;
  /** On AWS, and there they must be: ids of the route tables that take the routes to other regions, `rtb-…`. */
  routeTables?: string[];
}

export interface FleetIpv6Args {
  /** An IPv6 network such as `fd8a:1b2c:3d00::/56`: /44 to /60 in steps of 4, and part of the pool. */
  cidr: string;
  /** Id of the pool that it is taken from: `ipam-pool-…`, or `ipv6pool-ec2-…` of addresses brought to AWS. */
  pool: string;
}

export interface FleetEpochsArgs {
  /** Raised to renew the gateway's key and certificate; default 1. */
  key?: number;
  /** Raised to replace its machine; default 1. */
  image?: number;
}

export interface FleetRegionTrustArgs {
  /** Of the region's gateways: `ecdsa-p256`, `rsa-3072` or `rsa-4096`; default `ecdsa-p256`. */
  keyAlgorithm?: string;
}

export interface FleetRegionManagementArgs {
  /** IPv4 blocks that SSH to the region's gateways is admitted from; default the fleet's. */
  allowFrom?: string[];
}

/** A region in the words of a fleet file, with the same defaults and the same checks. */
export interface FleetRegionArgs {
  /** `aws`, `azure` or `gcp`. */
  cloud: string;
  /** The cloud's own name of its region, such as `us-east-1` or `europe-west1`. */
  region: string;
  /** On AWS: id of the one account that it may be built in. */
  account?: string;
  /** On Azure: id of the subscription that it is built in. */
  subscription?: string;
  /** On Google Cloud: id of the project that it is built in. */
  project?: string;
  /** `self`: gateways of its own; `managed`: the cloud's. Default `self`. */
  gateway?: string;
  /** The region's IPv4 network, such as `10.10.0.0/16`; either this or `cidrs`. */
  cidr?: string;
  /** Its networks where there are several; gateways live in the first. */
  cidrs?: string[];
  /** The region's IPv6 network, beside IPv4. */
  ipv6?: FleetIpv6Args;
  /** A network that is there already, in place of a new one; nothing of it is changed or deleted. */
  network?: FleetNetworkArgs;
  /** How many gateways, 1 to 4; default 2, a pair. */
  gateways?: number;
  /** `active-active`: all its gateways carry traffic; `active-standby`: the first that is there. Default `active-active`. */
  ha?: string;
  /** Of an active-standby region, what makes others prefer its first gateway: `med` or `prepend`; default `med`. */
  preference?: string;
  /** Of an active-standby pair with `routes: agent`: `own`, an address each; `moved`, one for the pair. Default `own`. */
  address?: string;
  /** What its gateways speak to other regions over: `ipv4` or `ipv6`; a link is of IPv6 where both its regions are. Default `ipv4`. */
  outside?: string;
  /** How the region's own network finds the gateways: `service`, `agent` or `transit-gateway`; default `service`. */
  routes?: string;
  /** With `routes: transit-gateway`: where the transit gateway's own addresses come from, a /24 or larger. */
  transitGatewayCidr?: string;
  /** Of a managed gateway on Azure: the /30 that its two addresses inside of tunnels are in; default by the region's name. */
  insideCidr?: string;
  /** The gateways' machine type, in the cloud's words. */
  size?: string;
  /** What the gateways' machines run: `debian-13`, `debian-12` or `ubuntu-24.04`; default `debian-13`. */
  system?: string;
  /** Bytes that a packet of its gateways may have on its way to other regions, IP header included; default 1452. */
  outerMtu?: number;
  /** Milliseconds between two BFD packets of its gateways; two ends keep to the slower one; default 300. */
  bfdMilliseconds?: number;
  /** Whether traffic between other regions may pass; default true. */
  transit?: boolean;
  /** The gateways' ASN, where the derived one will not do. */
  asn?: number;
  /** What differs from the fleet's trust. */
  trust?: FleetRegionTrustArgs;
  /** Who may manage its gateways. */
  management?: FleetRegionManagementArgs;
  /** By gateway letter. */
  epochs?: Record<string, FleetEpochsArgs>;
  /** Further tags of the region's resources. */
  tags?: Record<string, string>;
}

export interface FleetLinkArgs {
  /** Name of one region of the link. */
  one: string;
  /** Name of the other. */
  other: string;
}

export interface FleetLinkCryptoArgs {
  /** `standard`, `cnsa` or `compatible`; default the fleet's. */
  policy?: string;
  /** IKE proposal in strongSwan's words, one transform per role. */
  ike?: string;
  /** ESP proposal in strongSwan's words, with a group for forward secrecy. */
  esp?: string;
  /** `off`, `ppk-optional`, `ppk` or `mlkem`; default the fleet's. */
  postQuantum?: string;
}

export interface FleetCryptoArgs {
  /** `standard`, `cnsa` or `compatible`; default `standard`. */
  policy?: string;
  /** IKE proposal in strongSwan's words, one transform per role. */
  ike?: string;
  /** ESP proposal in strongSwan's words, with a group for forward secrecy. */
  esp?: string;
  /** `off`, `ppk-optional`, `ppk` (RFC 8784) or `mlkem` (RFC 9370); default `off`. */
  postQuantum?: string;
  /** By link such as `euw1~use1`: what differs from the fleet's there. */
  links?: Record<string, FleetLinkCryptoArgs>;
  /** Seconds after which an IKE SA is rekeyed; default 14400. */
  ikeRekeySeconds?: number;
  /** Seconds after which a child SA is rekeyed; default 3600. */
  childRekeySeconds?: number;
  /** Seconds of silence after which a peer is asked; default 10. */
  dpdDelaySeconds?: number;
}

export interface FleetTrustArgs {
  /** Days that the root certificate lives; default 3650. */
  rootDays?: number;
  /** Days that the issuing certificate lives; default 1825. */
  intermediateDays?: number;
  /** Days that a gateway's certificate lives; default 90. */
  leafDays?: number;
  /** Of gateways: `ecdsa-p256`, `rsa-3072` or `rsa-4096`; default `ecdsa-p256`. */
  keyAlgorithm?: string;
}

export interface FleetArgs {
  /** The fleet's name: the beginning of all logical names. */
  name: string;
  /** By name, `[a-z][a-z0-9]{0,11}`. */
  regions: Record<string, FleetRegionArgs>;
  /** Default `mesh`. */
  topology?: Topology;
  /** Region names, for `hub-and-spoke`. */
  hubs?: string[];
  /** Which regions talk directly, in place of a topology. */
  links?: FleetLinkArgs[];
  /** IPv4 blocks that SSH to the gateways is admitted from. */
  managementAllowFrom?: string[];
  /** Proposals and lifetimes of every tunnel. */
  crypto?: FleetCryptoArgs;
  /** Lives of certificates, and the kind of keys. */
  trust?: FleetTrustArgs;
}

export interface VpnBackboneArgs {
  /** Path of a fleet file. Either this or `fleet`. */
  fleetFile?: string;
  /** The fleet itself. Either this or `fleetFile`. */
  fleet?: FleetArgs;
  /** IPv4 blocks that SSH to the gateways is admitted from, besides those of the fleet. */
  managementAllowFrom?: string[];
  /** Whether addresses, networks and the authority are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A whole fleet: every region's network and gateways, one authority, and every gateway's release, in one program and
 * over as many regions as it has. The same components as the stacks of a layered fleet, with the same logical names.
 */
export class VpnBackbone extends pulumi.ComponentResource {
  /** Public addresses by gateway id. */
  readonly gatewayAddresses: pulumi.Output<Record<string, string>>;
  /** The release that each gateway runs, by gateway id. */
  readonly releases: pulumi.Output<Record<string, string>>;
  /** Ids of the networks, by region name. */
  readonly networkIds: pulumi.Output<Record<string, string>>;
  /**
   * What reaches and checks the gateways from outside, as JSON: `{ "regions": [RegionHandover], "trust": TrustHandover }`.
   * Secret, since it holds the keys that push; text, since a component's schema has no read-only lists.
   */
  readonly handover: pulumi.Output<string>;

  constructor(name: string, args: VpnBackboneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:index:VpnBackbone", name, {}, opts);
    const { fleetFile, fleet, managementAllowFrom = [] } = args;
    const result = planBackbone({
      ...(fleetFile === undefined
        ? {}
        : { file: { name: fleetFile, read: () => readFileSync(fleetFile, "utf8") } }),
      ...(fleet === undefined ? {} : { fleet }),
      managementAllowFrom,
    });
    if (!result.ok) throw new pulumi.ResourceError(explain(result.problems), this);
    const plan = result.value;
    const layer = { parent: this, protect: args.protect ?? true };

    const planned = plan.regions.map((region) => ({ region, provider: regionProvider(plan, region, layer) }));
    const regions = new Map(
      planned.map(({ region, provider }) => [region.name, regionLayer(plan, region, provider, layer)]),
    );
    const trust = trustLayer(plan, regions, layer);
    const fabricOf = (
      { region, provider }: (typeof planned)[number],
      fabrics: readonly pulumi.Output<FabricHandover>[],
    ) => {
      const read = [region, ...neighbourRegions(plan, region.name)].map(({ name }) => name);
      const seen = new Map([...regions].filter(([name]) => read.includes(name)));
      return fabricLayer(plan, region, provider, { regions: seen, trust, fabrics }, layer);
    };
    // What a gateway of ours calls is there first, and has its addresses.
    const managed = new Map(
      planned
        .filter(({ region }) => region.managed !== undefined)
        .map((each) => [each.region.name, fabricOf(each, [])]),
    );
    const fabrics = planned.map(
      (each) =>
        managed.get(each.region.name) ??
        fabricOf(
          each,
          managedNeighbours(plan, each.region.name).flatMap((name) => managed.get(name) ?? []),
        ),
    );

    // Nothing of these is secret, but they come from hand-overs, which are.
    const made = pulumi.all([...regions.values()]);
    this.gatewayAddresses = pulumi.unsecret(
      made.apply((all) =>
        Object.fromEntries(
          all.flatMap(({ gateways }) => gateways.map(({ id, publicAddress }) => [id, publicAddress])),
        ),
      ),
    );
    this.networkIds = pulumi.unsecret(
      made.apply((all) => Object.fromEntries(all.map(({ region, networkId }) => [region, networkId]))),
    );
    this.releases = pulumi
      .all(fabrics)
      .apply((all) =>
        Object.fromEntries(
          all.flatMap(({ releases }) => releases.map(({ gateway, hash }) => [gateway, hash])),
        ),
      );
    this.handover = pulumi.secret(pulumi.jsonStringify({ regions: made, trust }));
    this.registerOutputs({
      gatewayAddresses: this.gatewayAddresses,
      networkIds: this.networkIds,
      releases: this.releases,
      handover: this.handover,
    });
  }
}
