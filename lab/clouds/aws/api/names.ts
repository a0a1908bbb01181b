/**
 * Domain of a region's private names, and name of a public address.
 * @see AWS, "EC2 instance hostnames and domains" and "DNS attributes for your VPC"
 */
export function privateDomain(region: string): string {
  return region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
}

export function publicName(region: string, address: string): string {
  const domain = region === "us-east-1" ? "compute-1" : `${region}.compute`;
  return `ec2-${address.replaceAll(".", "-")}.${domain}.amazonaws.com`;
}
