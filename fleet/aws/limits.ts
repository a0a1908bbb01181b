/** What AWS allows, each with the page it stands on; quotas are the defaults of a fresh account. */
export const limits = {
  /** Prefix lengths of a VPC's IPv4 block. AWS, "VPC CIDR blocks". */
  vpcPrefix: { shortest: 16, longest: 28 },
  /** AWS, "Amazon VPC quotas": IPv4 CIDR blocks per VPC. */
  cidrsPerVpc: 5,
  /** Prefix length of the longest subnet. AWS, "Subnet CIDR blocks". */
  subnetPrefixLongest: 28,
  /** Hexadecimal digits of an id: `vpc-0123456789abcdef0`, of old ones 8. AWS, "Resource IDs" (EC2 User Guide). */
  idDigits: [8, 17],
  /** Routes per peer, per FIB and per route table. AWS, "Amazon VPC quotas": Route server quotas. */
  routeServerRoutes: 100,
  /** AWS, "Amazon VPC quotas": Elastic IP addresses per Region. */
  elasticIpsPerRegion: 5,
  /** AWS, "Amazon VPC quotas": VPCs per Region. */
  vpcsPerRegion: 5,
  /** Tags per resource, length of key and value. AWS, "Tag your Amazon EC2 resources". */
  tags: { most: 50, keyLength: 128, valueLength: 256 },
} as const;

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
