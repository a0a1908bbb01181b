import type { BadFile } from "./bad-files";

const fleet = (...lines: readonly string[]): string => `fleet: acme\n${lines.join("\n")}\n`;
const region = (fields: string): string =>
  fleet("regions:", `  euw1: { cloud: gcp, region: europe-west1, ${fields} }`);
const onAzure = (fields: string): string =>
  fleet("regions:", `  weu: { cloud: azure, region: westeurope, ${fields} }`);
const withDefaults = (defaults: string): string =>
  fleet(
    `defaults: { ${defaults} }`,
    "regions:",
    "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }",
    "  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16 }",
  );

/** What may be wrong with a region of Google Cloud or Azure, by its rules and not by those of AWS. */
export const badCloudFiles: readonly BadFile[] = [
  {
    what: "a region of the other cloud",
    text: fleet("regions:", "  euw1: { cloud: gcp, region: eu-west-1, cidr: 10.20.0.0/16 }"),
    says: ["RegionUnknown 3:31"],
  },
  {
    what: "a region that Google Cloud does not have",
    text: fleet("regions:", "  euw1: { cloud: gcp, region: europe-west7, cidr: 10.20.0.0/16 }"),
    says: ["RegionUnknown 3:31"],
  },
  {
    what: "an instance type of AWS",
    text: region("cidr: 10.20.0.0/16, size: c7g.medium"),
    says: ["WrongValue 3:71"],
  },
  {
    what: "a default size that only AWS has",
    text: withDefaults("size: c7g.large"),
    says: ["WrongValue 5:9"],
  },
  {
    what: "a default size that only Google Cloud has",
    text: withDefaults("size: n2-standard-4"),
    says: ["WrongValue 4:9"],
  },
  {
    what: "a network without room for gateways and workloads",
    text: region("cidr: 10.20.0.0/28"),
    says: ["CidrSize 3:51"],
  },
  {
    what: "a further network smaller than a subnet",
    text: region("cidrs: [10.20.0.0/16, 10.21.0.0/30]"),
    says: ["CidrSize 3:67"],
  },
  {
    what: "a network larger than any private one",
    text: region("cidrs: [10.20.0.0/16, 32.0.0.0/7]"),
    says: ["CidrSize 3:67"],
  },
  {
    what: "a network of Google's APIs",
    text: region("cidrs: [10.20.0.0/16, 199.36.153.0/24]"),
    says: ["CidrReserved 3:67"],
  },
  {
    what: "gateways in addresses that a Cloud Router does not speak from",
    text: region("cidr: 100.64.0.0/16"),
    says: ["CidrNotPrivate 3:51"],
  },
  {
    what: "more networks than a VPC network has subnets",
    text: region(
      `cidrs: [10.20.0.0/16${Array.from({ length: 299 }, (_, index) => `, 11.${String(index % 256)}.${String(Math.floor(index / 256))}.0/24`).join("")}]`,
    ),
    says: ["CidrSize 3:52"],
  },
  {
    what: "a packet that Google's networks do not pass",
    text: region("cidr: 10.20.0.0/16, outerMtu: 1461"),
    says: ["WrongValue 3:75"],
  },
  {
    what: "a default packet that Google's networks do not pass",
    text: withDefaults("outerMtu: 1500"),
    says: ["WrongValue 5:9"],
  },
  {
    what: "a network that is there already, in Google Cloud",
    text: region(
      "cidr: 10.20.0.0/16, network: { id: n, subnets: { a: { id: s, cidr: 10.20.0.0/28 } }, routeTables: [r] }",
    ),
    says: ["NotYetSupported 3:65"],
  },
  {
    what: "IPv6 in Google Cloud",
    text: region("cidr: 10.20.0.0/16, ipv6: { cidr: fd20::/64, pool: x }"),
    says: ["NotYetSupported 3:65"],
  },
  {
    what: "IPv6 between gateways, in Google Cloud",
    text: region("cidr: 10.20.0.0/16, outside: ipv6"),
    says: ["NotYetSupported 3:74"],
  },
  {
    what: "gateways that move routes, in Google Cloud",
    text: region("cidr: 10.20.0.0/16, routes: agent"),
    says: ["NotYetSupported 3:73"],
  },
  {
    what: "gateways that move routes by default, also in Google Cloud",
    text: withDefaults("routes: agent"),
    says: ["NotYetSupported 5:9"],
  },
  {
    what: "a transit gateway in Google Cloud",
    text: region("cidr: 10.20.0.0/16, routes: transit-gateway"),
    says: ["KeyConflict 3:73"],
  },
  {
    what: "an address that moves, in Google Cloud",
    text: region("cidr: 10.20.0.0/16, ha: active-standby, routes: agent, address: moved"),
    says: ["NotYetSupported 3:93", "NotYetSupported 3:109"],
  },
  {
    what: "a tag that is no label",
    text: region("cidr: 10.20.0.0/16, tags: { Team: core }"),
    says: ["TagInvalid 3:79"],
  },
  {
    what: "a tag whose value is no label's",
    text: region("cidr: 10.20.0.0/16, tags: { team: Core Network }"),
    says: ["TagInvalid 3:79"],
  },
  {
    what: "a default tag that is no label",
    text: withDefaults("tags: { Team: core }"),
    says: ["TagInvalid 2:27"],
  },
  {
    what: "a region of another cloud than Azure",
    text: fleet("regions:", "  weu: { cloud: azure, region: europe-west1, cidr: 10.20.0.0/16 }"),
    says: ["RegionUnknown 3:32"],
  },
  {
    what: "a region of Azure without availability zones",
    text: fleet("regions:", "  wus: { cloud: azure, region: westus, cidr: 10.20.0.0/16 }"),
    says: ["RegionUnknown 3:32"],
  },
  {
    what: "an instance type of AWS, in Azure",
    text: onAzure("cidr: 10.20.0.0/16, size: c7g.medium"),
    says: ["WrongValue 3:70"],
  },
  {
    what: "a network without room for a Route Server",
    text: onAzure("cidr: 10.20.0.0/25"),
    says: ["CidrSize 3:50"],
  },
  {
    what: "a further network smaller than a subnet of Azure",
    text: onAzure("cidrs: [10.20.0.0/16, 10.21.0.0/30]"),
    says: ["CidrSize 3:66"],
  },
  {
    what: "a network that holds Azure's own resolver",
    text: onAzure("cidrs: [10.20.0.0/16, 168.63.129.0/24]"),
    says: ["CidrReserved 3:66"],
  },
  {
    what: "multicast, in Azure",
    text: onAzure("cidrs: [10.20.0.0/16, 224.1.0.0/16]"),
    says: ["CidrReserved 3:66"],
  },
  {
    what: "a packet that Azure's networks do not pass",
    text: onAzure("cidr: 10.20.0.0/16, outerMtu: 1501"),
    says: ["WrongValue 3:74"],
  },
  ...[65515, 65517, 65518, 65519, 65520].map((asn) => ({
    what: `an ASN that Azure keeps: ${String(asn)}`,
    text: onAzure(`cidr: 10.20.0.0/16, asn: ${String(asn)}`),
    says: ["AsnInvalid 3:69"] as const,
  })),
  ...[8074, 8075, 12076, 23456, 64496, 64511, 65535].map((asn) => ({
    what: `an ASN that is no private one, of those that Azure or IANA keeps: ${String(asn)}`,
    text: onAzure(`cidr: 10.20.0.0/16, asn: ${String(asn)}`),
    says: ["AsnInvalid 3:69"] as const,
  })),
  {
    what: "IPv6 in Azure",
    text: onAzure("cidr: 10.20.0.0/16, ipv6: { cidr: fd20::/64, pool: x }"),
    says: ["NotYetSupported 3:64"],
  },
  {
    what: "IPv6 between gateways, in Azure",
    text: onAzure("cidr: 10.20.0.0/16, outside: ipv6"),
    says: ["NotYetSupported 3:73"],
  },
  {
    what: "gateways that move routes, in Azure",
    text: onAzure("cidr: 10.20.0.0/16, routes: agent"),
    says: ["NotYetSupported 3:72"],
  },
  {
    what: "a transit gateway in Azure",
    text: onAzure("cidr: 10.20.0.0/16, routes: transit-gateway"),
    says: ["KeyConflict 3:72"],
  },
  {
    what: "an address that moves, in Azure",
    text: onAzure("cidr: 10.20.0.0/16, ha: active-standby, routes: agent, address: moved"),
    says: ["NotYetSupported 3:92", "NotYetSupported 3:108"],
  },
  {
    what: "a tag with a character that Azure does not take",
    text: onAzure("cidr: 10.20.0.0/16, tags: { a/b: core }"),
    says: ["TagInvalid 3:77"],
  },
  {
    what: "a tag whose value Azure does not take",
    text: onAzure(`cidr: 10.20.0.0/16, tags: { team: ${"x".repeat(257)} }`),
    says: ["TagInvalid 3:78"],
  },
  {
    what: "an account of AWS, in Azure",
    text: onAzure('cidr: 10.20.0.0/16, account: "111122223333"'),
    says: ["KeyConflict 3:64"],
  },
  {
    what: "a subscription of Azure, on Google Cloud",
    text: region("cidr: 10.20.0.0/16, subscription: 11112222-3333-4444-5555-666677778888"),
    says: ["KeyConflict 3:65"],
  },
  {
    what: "a project's name in place of its id",
    text: region("cidr: 10.20.0.0/16, project: Acme Backbone"),
    says: ["WrongValue 3:74"],
  },
  {
    what: "a subscription's name in place of its id",
    text: onAzure("cidr: 10.20.0.0/16, subscription: production"),
    says: ["WrongValue 3:78"],
  },
  {
    what: "an account that YAML takes for a number",
    text: fleet(
      "regions:",
      "  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, account: 111122223333 }",
    ),
    says: ["WrongType 3:70"],
  },
  {
    what: "an account of eleven digits",
    text: fleet(
      "regions:",
      '  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, account: "11112222333" }',
    ),
    says: ["WrongValue 3:70"],
  },
];
