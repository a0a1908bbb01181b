/**
 * What AWS allows, each with the page it stands on. The planners of this folder refuse what does not fit before the
 * first resource; quotas are the defaults of a fresh account.
 */
export const limits = {
  /** Prefix lengths of a VPC's and a subnet's IPv4 block. AWS, "VPC CIDR blocks"; "Subnet CIDR blocks". */
  cidrPrefix: { shortest: 16, longest: 28 },
  /** IPv4 blocks per VPC, adjustable to 50. AWS, "Amazon VPC quotas": IPv4 CIDR blocks per VPC. */
  cidrsPerNetwork: 5,
  /** AWS keeps the first four addresses and the last of every subnet. AWS, "Subnet CIDR blocks". */
  reservedPerSubnet: 5,
  /** Inbound IPv4 rules per security group, adjustable. AWS, "Amazon VPC quotas": Security groups. */
  inboundRulesPerGroup: 60,
  /**
   * ASNs of a route server and of its peers. AWS, "Step 2: Create a route server" and "Step 6: Create route server
   * peer" (Amazon VPC User Guide, VPC Route Server tutorial).
   */
  asn: { least: 1, greatest: 4294967295 },
  /** Length of a tag's value. AWS, "Tag your Amazon EC2 resources". */
  tagValueLength: 256,
} as const;
