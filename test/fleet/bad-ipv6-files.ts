import type { BadFile } from "./bad-files";

const regions = (...lines: readonly string[]): string =>
  `fleet: acme\nregions:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const region = (fields: string): string => regions(`use1: { cloud: aws, region: us-east-1, ${fields} }`);

/** What may be wrong with a region's IPv6 network, and with what stands beside it. */
export const badIpv6Files: readonly BadFile[] = [
  {
    what: "an IPv6 network with host bits",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd8a::1/56, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrHostBits 3:76"],
  },
  {
    what: "an IPv6 network of IPv4",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: 10.10.0.0/56, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrInvalid 3:76"],
  },
  {
    what: "an IPv6 network too small",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/64, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrSize 3:76"],
  },
  {
    what: "an IPv6 network of a size between",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/54, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrSize 3:76"],
  },
  {
    what: "an IPv6 network link-local",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fe80::/56, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrReserved 3:76"],
  },
  {
    what: "an IPv6 network for documentation",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: 2001:db8::/56, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrReserved 3:76"],
  },
  {
    what: "an IPv6 network of AWS's services",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd00:ec2::/56, pool: ipam-pool-0123456789abcdef0 }"),
    says: ["CidrReserved 3:76"],
  },
  {
    what: "an IPv6 network of no pool",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/56, pool: pool-1 }"),
    says: ["IdInvalid 3:95"],
  },
  {
    what: "an IPv6 network without a pool",
    text: region("cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/56 }"),
    says: ["MissingKey 3:68"],
  },
  {
    what: "IPv6 networks that overlap",
    text: regions(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/48, pool: ipam-pool-0123456789abcdef0 } }",
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, ipv6: { cidr: 'fd8a:1:0:100::/56', pool: ipv6pool-ec2-0123456789abcdef0 } }",
    ),
    says: ["CidrOverlap 4:76"],
  },
  {
    what: "an IPv6 network within the inside addresses of the fleet's tunnels",
    text: region(
      "cidr: 10.10.0.0/16, ipv6: { cidr: 'fd1b:4c03:964d:100::/56', pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["CidrOverlap 3:76"],
  },
  {
    what: "IPv6 where gateways move IPv4 routes",
    text: region(
      "cidr: 10.10.0.0/16, routes: agent, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["Ipv6Unsupported 3:83"],
  },
  {
    what: "IPv6 where a transit gateway follows the gateways",
    text: region(
      "cidr: 10.10.0.0/16, routes: transit-gateway, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["Ipv6Unsupported 3:93"],
  },
  {
    what: "IPv6 where a transit gateway follows the gateways, by default",
    text: region(
      "cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ).replace("regions:", "defaults: { routes: transit-gateway }\nregions:"),
    says: ["Ipv6Unsupported 4:68"],
  },
  {
    what: "IPv6 of a pair that shares an address",
    text: region(
      "cidr: 10.10.0.0/16, ha: active-standby, routes: agent, address: moved, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["Ipv6Unsupported 3:119"],
  },
  {
    what: "IPv6 of a pair that would share an address, and move no routes",
    text: region(
      "cidr: 10.10.0.0/16, ha: active-standby, address: moved, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["MovedAddressMode 3:91", "Ipv6Unsupported 3:104"],
  },
  {
    what: "IPv6 in a network that is there already",
    text: regions(
      "use1:",
      "  cloud: aws",
      "  region: us-east-1",
      "  cidr: 10.10.0.0/16",
      "  network:",
      "    id: vpc-0123456789abcdef0",
      "    subnets:",
      "      a: { cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }",
      "      b: { cidr: 10.10.0.16/28, id: subnet-0fedcba9876543210 }",
      "    routeTables: [rtb-0123456789abcdef0]",
      "  ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ),
    says: ["Ipv6Unsupported 13:11"],
  },
  {
    what: "IPv6 outside addresses of no family",
    text: region("cidr: 10.10.0.0/16, outside: ipv5"),
    says: ["WrongValue 3:71"],
  },
  {
    what: "an outer MTU in which IPv6 has no room over IPv6",
    text: regions(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, outside: ipv6, outerMtu: 1363 }",
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16, outerMtu: 1363 }",
    ),
    says: ["OutsideMtu 3:86"],
  },
  {
    what: "IPv6 outside addresses in a network that is there already",
    text: regions(
      "use1:",
      "  cloud: aws",
      "  region: us-east-1",
      "  cidr: 10.10.0.0/16",
      "  outside: ipv6",
      "  network:",
      "    id: vpc-0123456789abcdef0",
      "    subnets:",
      "      a: { cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }",
      "      b: { cidr: 10.10.0.16/28, id: subnet-0fedcba9876543210 }",
      "    routeTables: [rtb-0123456789abcdef0]",
    ),
    says: ["OutsideUnsupported 7:14"],
  },
  {
    what: "an IPv6 outside address that a pair would share and move",
    text: region("cidr: 10.10.0.0/16, ha: active-standby, routes: agent, address: moved, outside: ipv6"),
    says: ["OutsideUnsupported 3:122"],
  },
  {
    what: "IPv6 outside addresses of a unique local network, by default",
    text: region(
      "cidr: 10.10.0.0/16, ipv6: { cidr: fd8a:1::/56, pool: ipam-pool-0123456789abcdef0 }",
    ).replace("regions:", "defaults: { outside: ipv6 }\nregions:"),
    says: ["OutsideUnsupported 4:9"],
  },
];
