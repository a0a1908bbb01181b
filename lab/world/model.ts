import type { Named } from "./named";
import type {
  GatewayConnection,
  LocalNetworkGateway,
  VirtualNetworkGateway,
} from "./virtual-network-gateway";

/**
 * The lab's world: a small declarative model of networks and machines, in neutral words. Providers (lab/clouds) turn a
 * cloud's resources into these; the world checks them; then either kernels make them real or a recording keeps them.
 * Ids are the cloud's own (`vpc-0a…`), so that what a person sees in state, shell and capture is one name.
 */
export interface World {
  readonly format: "trunkline.world/1";
  readonly objects: Readonly<Record<string, WorldObject>>;
}

export type WorldObject =
  | Network
  | Subnet
  | InternetGateway
  | RouteTable
  | Firewall
  | Interface
  | PublicAddress
  | Machine
  | Workload
  | RouteService
  | RouteServiceEndpoint
  | RouteServicePeer
  | HeldAddress
  | ResourceGroup
  | ApplianceHub
  | ApplianceSpoke
  | TransitGateway
  | TransitAttachment
  | TransitConnect
  | TransitConnectPeer
  | CustomerGateway
  | VpnConnection
  | VpnGateway
  | PeerVpnGateway
  | GatewayTunnel
  | TunnelEndpoint
  | TunnelPeer
  | VirtualNetworkGateway
  | LocalNetworkGateway
  | GatewayConnection
  | Role
  | InstanceProfile;

export type ObjectKind = WorldObject["kind"];

/** An isolated address space with a router in it (a VPC; one region of a VPC network of Google's). */
export interface Network extends Named {
  readonly kind: "network";
  readonly cloud: "aws" | "azure" | "gcp";
  /** Empty where a network is of no one region. */
  readonly cloudRegion: string;
  /** Google's networks have those of their subnets, and none at first. */
  readonly cidrs: readonly string[];
  /** Bytes of a packet; absent: an Ethernet frame's. */
  readonly mtu?: number;
  /** An IPv6 block beside them. */
  readonly ipv6?: string;
}

export interface Subnet extends Named {
  readonly kind: "subnet";
  readonly network: string;
  /** Where a subnet is of a whole region, that. */
  readonly zone: string;
  readonly cidr: string;
  /** A /64 of the network's IPv6 block. */
  readonly ipv6?: string;
  /** Route table id; absent: the network's main table, which holds local routes only. */
  readonly routeTable?: string;
}

/** 1:1 NAT between public addresses and interfaces of one network; of IPv6 the way in and out for global addresses. */
export interface InternetGateway extends Named {
  readonly kind: "internetGateway";
  readonly network?: string;
}

export interface RouteTable extends Named {
  readonly kind: "routeTable";
  readonly network: string;
  /** Besides the network's own CIDRs, which are always local. Longest prefix wins. Of IPv6 `::/0` alone. */
  readonly routes: readonly Route[];
  /** Route services whose best routes also enter this table; a route above wins over an equal propagated one. */
  readonly propagatedFrom: readonly string[];
}

export interface Route {
  readonly cidr: string;
  readonly target:
    | { readonly internetGateway: string }
    /** The packet is handed to this interface whatever its destination address. */
    | { readonly interface: string }
    | { readonly transitGateway: string };
}

/** A security group: stateful per interface, default deny both ways, no rule refuses. */
export interface Firewall extends Named {
  readonly kind: "firewall";
  /** Absent: interfaces of any network may have it (Azure's network security groups). */
  readonly network?: string;
  readonly rules: readonly FirewallRule[];
}

export interface FirewallRule {
  readonly id: string;
  readonly direction: "ingress" | "egress";
  readonly protocol: "all" | "tcp" | "udp" | "icmp" | "esp" | "gre";
  /** Inclusive; absent for all ports and for protocols without ports. */
  readonly ports?: { readonly from: number; readonly to: number };
  readonly peer: { readonly cidr: string } | { readonly firewall: string };
}

export interface Interface extends Named {
  readonly kind: "interface";
  readonly subnet: string;
  /** IPv4 private address inside the subnet, not one of the five that the cloud keeps. */
  readonly address: string;
  /** More of the kind. A public address may be behind each. */
  readonly secondaryAddresses?: readonly string[];
  /** IPv6 address in the subnet's /64, where it has one; not one of the five that the cloud keeps. */
  readonly ipv6?: string;
  readonly firewalls: readonly string[];
  /** On: packets must come from, and go to, the interface's own address. */
  readonly sourceDestinationCheck: boolean;
  /** Locally administered, derived from the id. */
  readonly mac: string;
}

export interface PublicAddress extends Named {
  readonly kind: "publicAddress";
  /** From the lab's own pool, 198.18.0.0/15 (RFC 2544). */
  readonly address: string;
  readonly interface?: string;
  /** The cloud's region that it was allocated in. */
  readonly cloudRegion?: string;
  /** Of the interface's private addresses the one behind it; absent: the first. */
  readonly privateAddress?: string;
}

/** A kernel of its own with a disk, a clock and a power switch. */
export interface Machine extends Named {
  readonly kind: "machine";
  readonly interface: string;
  readonly hostname: string;
  /** The real user data, run once at first boot by a oneshot unit. */
  readonly userData: string;
  /** Its disk begins as a copy of this release's image, and stays with it. */
  readonly image: "debian-13" | "debian-12" | "debian-13-cloud";
  /** What the cloud was asked for, as it tells the machine itself. */
  readonly launched?: {
    readonly imageId: string;
    readonly instanceType: string;
    readonly architecture: "arm64" | "x86_64";
  };
  /** Name of the instance profile whose role the machine may take. */
  readonly profile?: string;
  readonly power: "on" | "off";
}

/** A network namespace in the fabric with one interface: what a user's application would be. */
export interface Workload extends Named {
  readonly kind: "workload";
  readonly interface: string;
}

/** A BGP route service in a network's router (AWS VPC Route Server, Azure Route Server, Google's Cloud Router): its habits are its cloud's. */
export interface RouteService extends Named {
  readonly kind: "routeService";
  /** Absent until it is associated. */
  readonly network?: string;
  readonly asn: number;
  /** Where it has one of its own. */
  readonly keepaliveSeconds?: number;
  /** What it tells its peers; absent: the network's subnets, each by itself. */
  readonly advertised?: readonly string[];
}

export interface RouteServiceEndpoint extends Named {
  readonly kind: "routeServiceEndpoint";
  readonly routeService: string;
  readonly subnet: string;
  readonly address: string;
}

export interface RouteServicePeer extends Named {
  readonly kind: "routeServicePeer";
  readonly endpoint: string;
  readonly peerAddress: string;
  readonly peerAsn: number;
  readonly liveness: "bfd" | "bgp-keepalive";
}

/** A private address that stays somebody's whether it is in use or not (Google's internal addresses). */
export interface HeldAddress extends Named {
  readonly kind: "heldAddress";
  readonly subnet: string;
  readonly address: string;
}

/** What resources are made in (Azure). */
export interface ResourceGroup extends Named {
  readonly kind: "resourceGroup";
  readonly cloudRegion: string;
}

/** What router appliances are joined to (Google's Network Connectivity Center). */
export interface ApplianceHub extends Named {
  readonly kind: "applianceHub";
}

/** Machines that a route service may peer with, by their names: whoever has the name is meant. */
export interface ApplianceSpoke extends Named {
  readonly kind: "applianceSpoke";
  readonly hub: string;
  readonly cloudRegion: string;
  readonly appliances: readonly { readonly machine: string; readonly address: string }[];
}

/** A router beside networks, with one route table that everything attached to it shares (AWS Transit Gateway). */
export interface TransitGateway extends Named {
  readonly kind: "transitGateway";
  readonly cloudRegion: string;
  readonly asn: number;
  /** Where its ends of GRE have their addresses. */
  readonly cidrs: readonly string[];
}

/** A network joined to it: a foot in one subnet of each zone; what lives in another zone does not reach it. */
export interface TransitAttachment extends Named {
  readonly kind: "transitAttachment";
  readonly transitGateway: string;
  readonly network: string;
  readonly subnets: readonly string[];
}

/** GRE and BGP with routers in an attached network (Transit Gateway Connect). */
export interface TransitConnect extends Named {
  readonly kind: "transitConnect";
  /** The attachment that carries GRE. */
  readonly transport: string;
}

export interface TransitConnectPeer extends Named {
  readonly kind: "transitConnectPeer";
  readonly connect: string;
  /** Its own end of GRE. */
  readonly address: string;
  /** The router's. */
  readonly peerAddress: string;
  readonly peerAsn: number;
  /** A /29 of 169.254.0.0/16: the first address is the router's, the next two are those of two speakers. */
  readonly inside: string;
}

/** What a cloud knows of a router elsewhere that it has VPN connections with (AWS customer gateway). */
export interface CustomerGateway extends Named {
  readonly kind: "customerGateway";
  readonly cloudRegion: string;
  readonly address: string;
  readonly asn: number;
  /** Tells apart what is the same otherwise. */
  readonly device?: string;
}

/** Tunnels between a transit gateway and a router elsewhere (AWS Site-to-Site VPN): two, each with an end of its own. */
export interface VpnConnection extends Named {
  readonly kind: "vpnConnection";
  readonly transitGateway: string;
  readonly customerGateway: string;
  readonly tunnels: readonly VpnTunnel[];
}

export interface VpnTunnel {
  /** The public address of the cloud's end, from the lab's own pool. */
  readonly address: string;
  /** A /30 of 169.254.0.0/16: the first address is the cloud's, the second the router's. */
  readonly inside: string;
  /** Secret, as a machine's user data is. */
  readonly presharedKey: string;
  readonly ike: VpnPhase;
  readonly esp: VpnPhase;
  readonly rekeyMarginSeconds: number;
  readonly rekeyFuzzPercentage: number;
  readonly replayWindow: number;
  readonly dpdTimeoutSeconds: number;
}

/** What the cloud's end takes, in the vendor's words. */
export interface VpnPhase {
  readonly encryption: readonly string[];
  readonly integrity: readonly string[];
  readonly groups: readonly number[];
  readonly lifetimeSeconds: number;
}

/** A VPN gateway of one network, with two interfaces whose addresses all who call it see (Google's HA VPN gateway). */
export interface VpnGateway extends Named {
  readonly kind: "vpnGateway";
  readonly cloudRegion: string;
  readonly network: string;
  /** By interface, from the lab's own pool. */
  readonly addresses: readonly string[];
}

/** What a cloud knows of a VPN gateway elsewhere: its addresses, by interface (Google's external VPN gateway). */
export interface PeerVpnGateway extends Named {
  readonly kind: "peerVpnGateway";
  readonly addresses: readonly string[];
}

/** A tunnel between one interface of each; a route service speaks BGP inside (Google's VPN tunnel). */
export interface GatewayTunnel extends Named {
  readonly kind: "gatewayTunnel";
  readonly vpnGateway: string;
  readonly interface: number;
  readonly peer: string;
  readonly peerInterface: number;
  readonly routeService: string;
  /** Secret, as a machine's user data is. */
  readonly presharedKey: string;
  /** What the cloud's end takes, in the vendor's words. */
  readonly ike: {
    readonly encryption: readonly string[];
    readonly prf: readonly string[];
    readonly groups: readonly string[];
  };
  readonly esp: { readonly encryption: readonly string[]; readonly groups: readonly string[] };
}

/** A route service's end of BGP inside of a tunnel (an interface of Google's Cloud Router). */
export interface TunnelEndpoint extends Named {
  readonly kind: "tunnelEndpoint";
  readonly routeService: string;
  readonly tunnel: string;
  /** Its address with the prefix length of the network inside: `169.254.6.1/30`. */
  readonly inside: string;
}

/** The router at the other end of it. */
export interface TunnelPeer extends Named {
  readonly kind: "tunnelPeer";
  readonly endpoint: string;
  readonly address: string;
  readonly asn: number;
}

/** What a machine may do in the cloud (an IAM role). Its id is its name. */
export interface Role extends Named {
  readonly kind: "role";
  /** Documents in JSON by name. */
  readonly policies: Readonly<Record<string, string>>;
}

/** Gives a machine a role (EC2). Its id is its name. */
export interface InstanceProfile extends Named {
  readonly kind: "instanceProfile";
  readonly role: string;
}

/** Addresses of the lab's internet that no cloud owns. */
export const labInternet = {
  publicPool: "198.18.0.0/16",
  /** Whoever manages gateways comes from here (RFC 5737 TEST-NET-3). */
  management: "203.0.113.10",
  managementCidr: "203.0.113.0/24",
  /** A host that has no business with us, for proofs of refusal (RFC 5737 TEST-NET-2). */
  stranger: "198.51.100.66",
  stranger6: "2001:db8:ffff::66",
  /** What Amazon gives networks their IPv6 blocks out of (RFC 3849), but for the lab's own part of it. */
  amazonPool6: "2001:db8::/32",
  own6: "2001:db8:ffff::/48",
  /** Of the router between clouds: its ICMPv6 errors come from here. */
  router6: "2001:db8:ffff::1",
  /** The clouds' APIs. */
  api: "198.51.100.53",
} as const;
