import type { AddressChoice } from "../ha";
import { agentSeconds, type RoutesChoice, type RoutesFacts } from "../routes";

/** What AWS allows, each with the page it stands on; quotas are the defaults of a fresh account. */
export const limits = {
  /** Prefix lengths of a VPC's IPv4 block. AWS, "VPC CIDR blocks". */
  vpcPrefix: { shortest: 16, longest: 28 },
  /** AWS, "Amazon VPC quotas": IPv4 CIDR blocks per VPC. */
  cidrsPerVpc: 5,
  /** Prefix length of the longest subnet. AWS, "Subnet CIDR blocks". */
  subnetPrefixLongest: 28,
  /** Prefix lengths of a VPC's IPv6 block. AWS, "VPC CIDR blocks": /44 to /60 in increments of /4. */
  ipv6Prefix: { shortest: 44, longest: 60, step: 4 },
  /** AWS, "Subnet CIDR blocks": /44 to /64; a subnet with machines in both families has a /64 (SDK, `ec2.Subnet`). */
  ipv6SubnetPrefix: 64,
  /**
   * Pools that a block of a known address comes from: IPAM's, and addresses brought to AWS. A block of Amazon's own pool
   * is known only once it is there. EC2 API reference, "AssociateVpcCidrBlock": Ipv6IpamPoolId, Ipv6Pool.
   */
  ipv6Pool: /^(ipam-pool|ipv6pool-ec2)-[0-9a-f]{8,17}$/,
  /** Hexadecimal digits of an id: `vpc-0123456789abcdef0`, of old ones 8. AWS, "Resource IDs" (EC2 User Guide). */
  idDigits: [8, 17],
  /** Routes per peer, per FIB and per route table. AWS, "Amazon VPC quotas": Route server quotas. */
  routeServerRoutes: 100,
  /** Routes that somebody made, per route table; adjustable to 1,000. AWS, "Amazon VPC quotas": Route tables. */
  routesPerTable: 50,
  /** AWS, "Amazon VPC quotas": Elastic IP addresses per Region. */
  elasticIpsPerRegion: 5,
  /** AWS, "Amazon VPC quotas": VPCs per Region. */
  vpcsPerRegion: 5,
  /**
   * A transit gateway and what joins it with gateways.
   * - `cidrPrefix`, `asn`: EC2 API reference, "TransitGatewayRequestOptions": its own addresses from a /24 or larger; its ASN
   *   from a 16-bit or a 32-bit range, both private.
   * - `insidePrefix`, `bgpSeconds`, `greBytes`: AWS, "Connect attachments and Connect peers in AWS Transit Gateway": a /29 of
   *   169.254.0.0/16 for a Connect peer's two sessions, keepalive and hold time by default, no BFD, what GRE takes of the
   *   MTU (24 and 20 bytes, as AWS counts).
   * - `peersPerConnect`, `routesFromPeer`, `routesToPeer`, `perAccount`: AWS, "AWS Transit Gateway quotas"; the second and the
   *   fourth are adjustable.
   * - `mtu`: AWS, "What is AWS Transit Gateway?": what it carries.
   */
  transitGateway: {
    cidrPrefix: { longest: 24 },
    asn: [
      { least: 64512, greatest: 65534 },
      { least: 4200000000, greatest: 4294967294 },
    ],
    insidePrefix: 29,
    bgpSeconds: { keepalive: 10, hold: 30 },
    greBytes: 44,
    mtu: 8500,
    peersPerConnect: 4,
    routesFromPeer: 1000,
    routesToPeer: 5000,
    perAccount: 5,
  },
  /**
   * Site-to-Site VPN.
   * - `insidePrefix`, `rekeyMarginSeconds`, `dpdTimeoutSeconds`: AWS, "Tunnel options for your AWS Site-to-Site VPN connection":
   *   a /30 of 169.254.0.0/16 for each tunnel; before a lifetime ends AWS begins to rekey within twice this margin; the
   *   least time of silence after which it takes its peer for gone.
   * - `connectionsPerRegion`, `routesFromPeer`: AWS, "AWS Site-to-Site VPN quotas": connections per Region, adjustable; routes
   *   that a customer gateway may tell a connection of a transit gateway.
   * - `bgpSeconds`: AWS, "Best practices for an AWS Site-to-Site VPN customer gateway device" names BGP's hold time of 30
   *   seconds; it speaks no BFD there.
   */
  siteToSite: {
    insidePrefix: 30,
    rekeyMarginSeconds: 540,
    dpdTimeoutSeconds: 30,
    connectionsPerRegion: 50,
    routesFromPeer: 1000,
    bgpSeconds: { keepalive: 10, hold: 30 },
  },
  /**
   * Graviton with network bandwidth to spare for one tunnel's worth of AES-GCM on one core.
   * AWS, "Amazon EC2 instance network bandwidth": up to 12.5 Gbit/s. "Amazon EC2 instance type naming conventions".
   */
  /** AWS Account Management Reference Guide, "View AWS account identifiers"; AWS provider, `allowed_account_ids`. */
  account: {
    key: "account",
    pattern: /^[0-9]{12}$/,
    called: "the id of an AWS account: twelve digits, in quotes",
    example: '"111122223333"',
  },
  size: {
    standard: "c7g.medium",
    pattern: /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
    called: "EC2 instance type",
  },
  /**
   * AWS, "Network MTU for your EC2 instance": 1500 to the internet; within a network nothing is in the way of an Ethernet
   * frame's 1500, which is all that a gateway's tunnels to its partner use.
   */
  mtu: { within: 1500, outer: 1500 },
  /** Tags per resource, length of key and value. AWS, "Tag your Amazon EC2 resources". */
  tags: { most: 50, keyLength: 128, valueLength: 256 },
} as const;

/** Routes to other regions that a region's network takes, by how it finds its gateways. */
export const routesTaken: Readonly<Record<RoutesChoice, number>> = {
  /** Every gateway and every table alike. */
  service: limits.routeServerRoutes,
  /** One is left for what the user's table has besides: mostly a way to the internet. */
  agent: limits.routesPerTable - 1,
  /** And one for the way to the transit gateway's own addresses. */
  "transit-gateway": limits.routesPerTable - 2,
};

/** Hours of a month, as AWS' own price examples count them (AWS Pricing Calculator, "Assumptions"). */
const monthHours = 730;

/**
 * What each way of finding the gateways costs and how long its failover takes.
 * - Price: AWS, "Amazon VPC pricing", VPC Route Server: $0.75 per endpoint-hour in us-east-1; IAM roles and calls of EC2's
 *   API cost nothing (AWS, "AWS IAM pricing").
 *   A transit gateway: AWS, "AWS Transit Gateway pricing": $0.05 an attachment and hour in us-east-1. That page does not say
 *   that a Connect attachment is free, so both attachments count.
 * - Failover of a transit gateway: its hold time, less the keepalive that may have come just before.
 * - Failover of a Route Server with BFD: 5 to 7 s in a published test of AWS' Networking & Content Delivery blog.
 * - AWS publishes no figure for how soon a replaced route or a moved address takes effect (EC2 API reference,
 *   "ReplaceRoute", "AssociateAddress").
 * - A moved address is one more than the gateways' own: AWS, "Amazon VPC pricing", Public IPv4 Address, $0.005 an hour. The
 *   first 100 moves of a month cost nothing (AWS, "Amazon EC2 On-Demand Pricing", Elastic IP addresses).
 * @param endpoints what is paid for by the hour: a Route Server's endpoints, a transit gateway's attachments
 */
export function routesFacts(
  choice: RoutesChoice,
  endpoints: number,
  address: AddressChoice = "own",
): RoutesFacts {
  if (choice === "transit-gateway") {
    const { keepalive, hold } = limits.transitGateway.bgpSeconds;
    return {
      dollarsPerMonth: endpoints * 0.05 * monthHours,
      priceFrom:
        'published: AWS, "AWS Transit Gateway pricing", $0.05 an attachment and hour in us-east-1; each GB that the network sends costs $0.02 besides',
      failoverSeconds: { least: hold - keepalive, most: hold },
      failoverFrom:
        "by BGP's hold time, for the flows that went to that gateway: a transit gateway speaks no BFD; at once when the gateway is drained or has lost its tunnels",
    };
  }
  if (choice === "service")
    return {
      dollarsPerMonth: endpoints * 0.75 * monthHours,
      priceFrom: 'published: AWS, "Amazon VPC pricing", $0.75 an endpoint and hour in us-east-1',
      failoverSeconds: { least: 5, most: 7 },
      failoverFrom: "published: a test of VPC Route Server with BFD",
    };
  const { hold, wait, look, again } = agentSeconds;
  if (address === "moved")
    return {
      dollarsPerMonth: 0.005 * monthHours,
      priceFrom:
        'published: AWS, "Amazon VPC pricing", one public IPv4 address more at $0.005 an hour; 100 moves a month cost nothing',
      failoverSeconds: { least: hold - 1 + wait, most: hold + wait + 2 * look + again },
      failoverFrom:
        "by its timers, both ways alike: the address moves, and IKE is set up with every peer again; a drain is such a move, without the wait. What AWS takes to put a moved address and route in effect comes on top and is not published",
    };
  return {
    dollarsPerMonth: 0,
    priceFrom: 'published: AWS, "AWS IAM pricing"; calls of the EC2 API cost nothing',
    failoverSeconds: { least: hold - 1 + wait, most: hold + wait + 2 * look },
    failoverFrom:
      "by its timers, and at once when the gateway is drained or has lost its tunnels; what AWS takes to put a replaced route in effect comes on top and is not published",
  };
}

/**
 * What a managed gateway costs, and how long it sends to a tunnel whose other end is gone.
 * - Price: AWS, "AWS VPN pricing": $0.05 a Site-to-Site VPN connection and hour in us-east-1; AWS, "AWS Transit Gateway
 *   pricing": $0.05 an attachment and hour, of the network's and of each connection.
 * - Failover: BGP's hold time, less the keepalive that may have come just before.
 */
export function managedFacts(connections: number): RoutesFacts {
  const { keepalive, hold } = limits.siteToSite.bgpSeconds;
  return {
    dollarsPerMonth: (connections + 1) * 0.05 * monthHours + connections * 0.05 * monthHours,
    priceFrom:
      'published: AWS, "AWS VPN pricing", $0.05 a connection and hour, and "AWS Transit Gateway pricing", $0.05 an attachment and hour, both in us-east-1; each GB that is sent costs besides',
    failoverSeconds: { least: hold - keepalive, most: hold },
    failoverFrom:
      "by BGP's hold time, for the flows that went by that tunnel: AWS' end speaks no BFD, and notices by its own dead-peer detection no sooner",
  };
}

/**
 * Regions of the commercial partition with at least two zones.
 * @see AWS, "AWS Regions" (AWS Regions and Availability Zones, User Guide)
 */
export const regions: ReadonlySet<string> = new Set([
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);
