/**
 * What AWS allows, each with the page it stands on. The planners of this folder refuse what does not fit before the
 * first resource; quotas are the defaults of a fresh account.
 */
export const limits = {
  /** Prefix lengths of a VPC's and a subnet's IPv4 block. AWS, "VPC CIDR blocks"; "Subnet CIDR blocks". */
  cidrPrefix: { shortest: 16, longest: 28 },
  /** IPv4 blocks per VPC, adjustable to 50. AWS, "Amazon VPC quotas": IPv4 CIDR blocks per VPC. */
  cidrsPerNetwork: 5,
  /** Prefix lengths of a VPC's IPv6 block. AWS, "VPC CIDR blocks": /44 to /60 in increments of /4. */
  ipv6Prefix: { shortest: 44, longest: 60, step: 4 },
  /** AWS SDK, `ec2.Subnet`: "The subnet size must use a /64 prefix length". */
  ipv6SubnetPrefix: 64,
  /**
   * A block of Amazon's pool: "You cannot specify the range of IPv6 addresses, or the size of the CIDR block" (EC2 API
   * reference, "AssociateVpcCidrBlock", AmazonProvidedIpv6CidrBlock; "VPC CIDR blocks": a /56).
   */
  generatedIpv6: { prefix: 56, subnets: 256 },
  /** AWS keeps the first four addresses and the last of every subnet. AWS, "Subnet CIDR blocks". */
  reservedPerSubnet: 5,
  /**
   * Inbound rules per security group, of each family by itself; adjustable. AWS, "Amazon VPC quotas": Security groups,
   * "enforced separately for IPv4 rules and IPv6 rules".
   */
  inboundRulesPerGroup: 60,
  /**
   * ASNs of a route server and of its peers. AWS, "Step 2: Create a route server" and "Step 6: Create route server
   * peer" (Amazon VPC User Guide, VPC Route Server tutorial).
   */
  asn: { least: 1, greatest: 4294967295 },
  /**
   * - `asns`, `cidrPrefix`: EC2 API reference, "TransitGatewayRequestOptions".
   * - `insidePrefix`, `insideReserved`: AWS, "Connect attachments and Connect peers in AWS Transit Gateway", Connect peers.
   * - `peersPerConnect`: AWS, "AWS Transit Gateway quotas".
   */
  transitGateway: {
    asns: [
      { least: 64512, greatest: 65534 },
      { least: 4200000000, greatest: 4294967294 },
    ],
    cidrPrefix: { longest: 24 },
    insidePrefix: 29,
    insideReserved: [
      ...[0, 1, 2, 3, 4, 5].map((third) => `169.254.${third}.0/29`),
      // The metadata service's.
      "169.254.169.248/29",
    ],
    peersPerConnect: 4,
  },
  /**
   * Site-to-Site VPN.
   * - `asn`: EC2 API reference, "CreateCustomerGateway": BgpAsn to 2147483647, BgpAsnExtended beyond it.
   * - The rest: AWS, "Tunnel options for your AWS Site-to-Site VPN connection". What it takes as transforms and lifetimes is in
   *   fleet/aws/transforms.ts.
   */
  siteToSite: {
    asn: { least: 1, short: 2147483647, greatest: 4294967295 },
    tunnels: 2,
    insidePrefix: 30,
    insideReserved: [
      ...[0, 1, 2, 3, 4, 5].map((third) => `169.254.${third}.0/30`),
      // The metadata service's.
      "169.254.169.252/30",
    ],
    rekeyMarginSeconds: { least: 60 },
    dpdTimeoutSeconds: { least: 30 },
    presharedKey: /^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$/,
  },
  /** Length of a tag's value. AWS, "Tag your Amazon EC2 resources". */
  tagValueLength: 256,
} as const;
