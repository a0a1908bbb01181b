import type { BadFile } from "./bad-files";

const own = "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }";
const fleet = (...lines: readonly string[]): string => `fleet: acme\n${lines.join("\n")}\n`;
/** The managed region is line 4. */
const managed = (fields: string, ...more: readonly string[]): string =>
  fleet(
    "regions:",
    own,
    `  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed, ${fields} }`,
    ...more,
  );
/** The same on Google Cloud. */
const google = (fields: string, ...more: readonly string[]): string =>
  fleet(
    "regions:",
    own,
    `  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16, gateway: managed, ${fields} }`,
    ...more,
  );
/** The same on Azure. */
const azure = (fields: string, ...more: readonly string[]): string =>
  fleet(
    "regions:",
    own,
    `  weu: { cloud: azure, region: westeurope, cidr: 10.20.0.0/16, gateway: managed, ${fields} }`,
    ...more,
  );
const option = (fields: string): BadFile => ({
  what: `a managed gateway with ${fields.split(":")[0] ?? ""}`,
  text: managed(fields),
  says: ["ManagedOption 4:80"],
});

/** What a region cannot have whose gateway is the cloud's. */
export const badManagedFiles: readonly BadFile[] = [
  ...[
    "gateways: 2",
    "ha: active-active",
    "preference: med",
    "address: own",
    "outside: ipv4",
    "bfdMilliseconds: 300",
    "routes: transit-gateway",
    "transitGatewayCidr: 192.0.2.0/24",
    "size: c7g.medium",
    "system: debian-13",
    "trust: { keyAlgorithm: rsa-3072 }",
    "epochs: { a: { key: 2 } }",
    "management: { allowFrom: [203.0.113.0/24] }",
  ].map(option),
  {
    what: "a gateway of a kind that there is not",
    text: fleet("regions:", "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, gateway: tgw }"),
    says: ["WrongValue 3:71"],
  },
  {
    what: "managed gateways of two clouds at both ends of a link",
    text: managed(
      "tags: {}",
      "  euw4: { cloud: gcp, region: europe-west4, cidr: 10.30.0.0/16, gateway: managed }",
    ),
    says: ["NotYetSupported 4:71"],
  },
  {
    what: "managed gateways of Google's at both ends of a link",
    text: fleet(
      "regions:",
      "  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16, gateway: managed }",
      "  euw4: { cloud: gcp, region: europe-west4, cidr: 10.30.0.0/16, gateway: managed }",
    ),
    says: ["NotYetSupported 3:74"],
  },
  ...["gateways: 2", "routes: service", "size: n2-standard-2", "outside: ipv4"].map((field): BadFile => ({
    what: `a managed gateway of Google's with ${field.split(":")[0] ?? ""}`,
    text: google(field),
    says: ["ManagedOption 4:83"],
  })),
  {
    what: "an ASN that no Cloud Router has, since it is of others",
    text: google("asn: 64500"),
    says: ["AsnInvalid 4:88"],
  },
  {
    what: "IPv6 in the network of a managed gateway of Google's",
    text: google("ipv6: { cidr: 2600:1f00:1::/56, pool: ipam-pool-01234567 }"),
    says: ["NotYetSupported 4:83"],
  },
  {
    what: "a suite that is no AEAD, which HA VPN is not told of",
    text: google("tags: {}", "crypto: { ike: aes256-sha384-prfsha384-ecp384 }"),
    says: ["NoCommonProposal 5:16"],
  },
  {
    what: "a link with HA VPN that is to be safe from quantum computers",
    text: google("tags: {}", "crypto: { links: { euw1~use1: { postQuantum: ppk } } }"),
    says: ["ManagedPostQuantum 5:46"],
  },
  ...["gateways: 2", "routes: service", "outside: ipv4"].map((field): BadFile => ({
    what: `a managed gateway of Azure's with ${field.split(":")[0] ?? ""}`,
    text: azure(field),
    says: ["ManagedOption 4:82"],
  })),
  ...[
    ["a SKU without BGP", "Basic"],
    ["a SKU that lies in no zone", "VpnGw1"],
    ["a SKU that there is not", "Standard_D2s_v5"],
  ].map(([what = "", size = ""]): BadFile => ({
    what: `${what}, for a managed gateway of Azure's`,
    text: azure(`size: ${size}`),
    says: ["ManagedSize 4:88"],
  })),
  ...(
    [
      ["outside of Azure's range", "169.254.23.0/30", "InsideCidrOutside 4:94"],
      ["of another size", "169.254.21.0/29", "InsideCidrOutside 4:94"],
      ["with host bits", "169.254.21.1/30", "CidrHostBits 4:94"],
      ["that is none", "169.254.21/30", "CidrInvalid 4:94"],
    ] as const
  ).map(([what, cidr, said]): BadFile => ({
    what: `a network inside of tunnels ${what}`,
    text: azure(`insideCidr: ${cidr}`),
    says: [said],
  })),
  {
    what: "a network inside of tunnels for a managed gateway of AWS'",
    text: managed("insideCidr: 169.254.21.0/30"),
    says: ["KeyConflict 4:80"],
  },
  {
    what: "a network inside of tunnels for gateways of one's own",
    text: fleet(
      "regions:",
      "  weu: { cloud: azure, region: westeurope, cidr: 10.20.0.0/16, insideCidr: 169.254.21.0/30 }",
    ),
    says: ["KeyConflict 3:64"],
  },
  {
    what: "an ASN that Azure keeps, for its managed gateway",
    text: azure("asn: 65515"),
    says: ["AsnInvalid 4:87"],
  },
  {
    what: "a link with Azure's VPN gateway that is to be safe from quantum computers",
    text: azure("tags: {}", "crypto: { links: { use1~weu: { postQuantum: ppk } } }"),
    says: ["ManagedPostQuantum 5:45"],
  },
  {
    what: "IPv6 in the network of a managed gateway of Azure's",
    text: azure("ipv6: { cidr: 2600:1f00:1::/56, pool: ipam-pool-01234567 }"),
    says: ["NotYetSupported 4:82"],
  },
  {
    what: "a managed gateway in a network that is there already",
    text: managed("network: { id: vpc-01234567, subnets: {}, routeTables: [rtb-01234567] }"),
    says: ["NotYetSupported 4:80"],
  },
  {
    what: "IPv6 in the network of a managed gateway",
    text: managed("ipv6: { cidr: 2600:1f00:1::/56, pool: ipam-pool-01234567 }"),
    says: ["NotYetSupported 4:80"],
  },
  {
    what: "IPv6 beside a managed gateway",
    text: fleet(
      "regions:",
      "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ipv6: { cidr: 2600:1f00:1::/56, pool: ipam-pool-01234567 } }",
      "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }",
    ),
    says: ["Ipv6Unsupported 3:68"],
  },
  {
    what: "a managed gateway that passes traffic on",
    text: managed("transit: true"),
    says: ["NotYetSupported 4:89"],
  },
  {
    what: "a managed gateway as a hub",
    text: managed("tags: {}", "topology: hub-and-spoke", "hubs: [use1, euw1]"),
    says: ["NotYetSupported 6:14"],
  },
  {
    what: "a pair whose address moves, linked with a managed gateway",
    text: fleet(
      "regions:",
      "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ha: active-standby, routes: agent, address: moved }",
      "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }",
    ),
    says: ["NotYetSupported 3:106"],
  },
  {
    what: "managed gateways at both ends of a link",
    text: managed(
      "tags: {}",
      "  euc1: { cloud: aws, region: eu-central-1, cidr: 10.30.0.0/16, gateway: managed }",
    ),
    says: ["NotYetSupported 5:74"],
  },
  {
    what: "a fleet that is to be safe from quantum computers, with a managed gateway",
    text: managed("tags: {}", "crypto: { postQuantum: ppk }"),
    says: ["ManagedPostQuantum 5:24"],
  },
  {
    what: "a link that is to be, with a managed gateway",
    text: managed("tags: {}", "crypto: { links: { euw1~use1: { postQuantum: mlkem } } }"),
    says: ["ManagedPostQuantum 5:46"],
  },
  {
    what: "an IKE proposal that a managed gateway does not take",
    text: managed("tags: {}", "crypto: { ike: chacha20poly1305-prfsha384-ecp384 }"),
    says: ["NoCommonProposal 5:16"],
  },
  {
    what: "a group of ESP that a managed gateway does not take",
    text: managed("tags: {}", "crypto: { links: { euw1~use1: { esp: aes256gcm16-curve25519 } } }"),
    says: ["NoCommonProposal 5:38"],
  },
];
