import type { ProblemCode } from "trunkline/fleet/problem";
import { badAddresses } from "./bad-addresses";
import { badCryptoFiles } from "./bad-crypto-files";
import { badIpv6Files } from "./bad-ipv6-files";

/** A fleet file that is wrong, and what must be said of it: `CODE line:column`, in the order of the file. */
export interface BadFile {
  readonly what: string;
  readonly text: string;
  readonly says: readonly `${ProblemCode} ${number}:${number}`[];
}

const use1 = "use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }";
const euw1 = "euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }";
const fleet = (...lines: readonly string[]): string => `fleet: acme\n${lines.join("\n")}\n`;
const regions = (...lines: readonly string[]): string =>
  fleet("regions:", ...lines.map((line) => `  ${line}`));
const region = (fields: string): string => regions(`use1: { cloud: aws, region: us-east-1, ${fields} }`);
const two = (...lines: readonly string[]): string => fleet("regions:", `  ${use1}`, `  ${euw1}`, ...lines);

/** A region in the user's own network, from the line `use1:` on; `id` stands at 8:11, the subnets in lines 10 and 11. */
const existing = (change: Readonly<Record<string, string>> = {}, name = "use1"): readonly string[] => {
  const fields = {
    id: "vpc-0123456789abcdef0",
    a: "{ cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }",
    b: "{ cidr: 10.10.0.16/28, id: subnet-0fedcba9876543210 }",
    routeTables: "[rtb-0123456789abcdef0]",
    ...change,
  };
  return [
    `  ${name}:`,
    "    cloud: aws",
    "    region: us-east-1",
    "    cidr: 10.10.0.0/16",
    "    network:",
    `      id: ${fields.id}`,
    "      subnets:",
    `        a: ${fields.a}`,
    `        b: ${fields.b}`,
    `      routeTables: ${fields.routeTables}`,
  ];
};
const inExisting = (change: Readonly<Record<string, string>>): string =>
  fleet("regions:", ...existing(change));

export const badFiles: readonly BadFile[] = [
  { what: "empty", text: "", says: ["NotAFleet 1:1"] },
  { what: "a scalar", text: "acme\n", says: ["NotAFleet 1:1"] },
  { what: "a list", text: "- acme\n", says: ["NotAFleet 1:1"] },
  { what: "bytes of no text", text: "fleet: \ufffd\n", says: ["NotText 1:8"] },
  { what: "huge", text: `fleet: acme\n${"# more\n".repeat(300_000)}`, says: ["TooLarge 1:1"] },
  { what: "tabs", text: "fleet: acme\nregions:\n\tuse1: 1\n", says: ["NotYaml 3:1"] },
  { what: "a key twice", text: fleet("fleet: other", "regions:", `  ${use1}`), says: ["DuplicateKey 2:1"] },
  {
    what: "keys twice, and what else is wrong",
    text: regions("use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.1/16 }", "use1: {}", "'use1': {}"),
    says: ["CidrHostBits 3:48", "DuplicateKey 4:3", "DuplicateKey 5:3"],
  },
  {
    what: "a key twice, and YAML that is none",
    text: "fleet: acme\nfleet: acme\nregions: [\n",
    says: ["DuplicateKey 2:1", "NotYaml 4:1"],
  },
  { what: "a second document", text: `${two()}---\nfleet: other\n`, says: ["NotYaml 5:1"] },
  { what: "a tag that nobody knows", text: two("topology: !shape mesh"), says: ["NotYaml 5:11"] },
  {
    what: "a name that JavaScript keeps for itself",
    text: regions(use1, "__proto__: { cloud: aws, region: us-east-1, cidr: 10.11.0.0/16 }"),
    says: ["UnknownKey 4:3"],
  },
  { what: "brackets without end", text: `fleet: ${"[".repeat(20_000)}`, says: ["NotYaml 1:1"] },
  {
    what: "levels without end",
    text: `fleet: ${"{ a: ".repeat(200)}1${" }".repeat(200)}\n`,
    says: ["NotYaml 1:508"],
  },
  {
    what: "more values than a fleet has, with no alias",
    text: `fleet: acme\nregions: [${"1,".repeat(100_001)}]\n`,
    says: ["TooLarge 2:200005"],
  },
  {
    what: "aliases that unfold to billions",
    text: `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((letter, index) => `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(97 + index)}`).join(",")}]`).join("\n")}\n`,
    says: ["AliasBomb 1:22"],
  },
  { what: "no regions", text: "fleet: acme\n", says: ["MissingKey 1:1"] },
  { what: "regions of nothing", text: fleet("regions: {}"), says: ["MissingKey 2:10"] },
  { what: "an unknown key", text: region("cidr: 10.10.0.0/16, clodu: x"), says: ["UnknownKey 3:62"] },
  { what: "a wrong type", text: region("cidr: 7"), says: ["WrongType 3:48"] },
  {
    what: "wrong types at every depth, each once, and what is wrong beside them",
    text: regions(
      "use1: 7",
      "euw1: { cloud: aws, region: eu-west-1, cidrs: [10.20.0.0/16, 3, 10.21.0.1/16], epochs: { c: { key: x } } }",
    ).concat(
      "management: { allowFrom: [5, 203.0.113.1/24] }\n",
      "crypto: { ike: 1, esp: fast, dpdDelaySeconds: 1 }\n",
      "trust: { rootDays: long, leafDays: 9999 }\n",
      "hubs: [[], use9]\n",
    ),
    says: [
      "WrongType 3:9",
      "WrongType 4:64",
      "CidrHostBits 4:67",
      "UnknownKey 4:92",
      "WrongType 4:102",
      "WrongType 5:27",
      "CidrHostBits 5:30",
      "WrongType 6:16",
      "ProposalInvalid 6:24",
      "LifetimeImpossible 6:47",
      "WrongType 7:20",
      "LifetimeImpossible 7:36",
      "TopologyConflict 8:7",
      "WrongType 8:8",
      "HubUnknown 8:12",
    ],
  },
  ...badIpv6Files,
  { what: "a wrong value", text: two("topology: star"), says: ["WrongValue 5:11"] },
  { what: "a field of a later version", text: two("sites: {}"), says: ["NotYetSupported 5:1"] },
  {
    what: "a fleet name that is no DNS label",
    text: `fleet: Acme_1\nregions:\n  ${use1}\n`,
    says: ["NameInvalid 1:8"],
  },
  {
    what: "a region name that is too long for a Linux interface",
    text: regions("northvirginia1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }"),
    says: ["NameInvalid 3:3"],
  },
  {
    what: "a region that AWS does not have",
    text: regions("use1: { cloud: aws, region: us-esat-1, cidr: 10.10.0.0/16 }"),
    says: ["RegionUnknown 3:31"],
  },
  { what: "no network", text: region("cidr: ten"), says: ["CidrInvalid 3:48"] },
  { what: "host bits", text: region("cidr: 10.10.0.1/16"), says: ["CidrHostBits 3:48"] },
  { what: "a network that is too small", text: region("cidr: 10.10.0.0/29"), says: ["CidrSize 3:48"] },
  { what: "a reserved network", text: region("cidr: 169.254.0.0/16"), says: ["CidrReserved 3:48"] },
  {
    what: "overlapping networks",
    text: regions(use1, "euw1: { cloud: aws, region: eu-west-1, cidr: 10.10.128.0/17 }"),
    says: ["CidrOverlap 4:48"],
  },
  { what: "an id of another kind", text: inExisting({ id: "subnet-01234567" }), says: ["IdInvalid 8:11"] },
  { what: "an id cut short", text: inExisting({ id: "vpc-0123456789" }), says: ["IdInvalid 8:11"] },
  {
    what: "an id in capitals",
    text: inExisting({ routeTables: "[rtb-01234567, rtb-0123ABCD]" }),
    says: ["IdInvalid 12:35"],
  },
  {
    what: "one subnet for both gateways",
    text: inExisting({ b: "{ cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }" }),
    says: ["CidrOverlap 11:20", "IdDuplicate 11:38"],
  },
  {
    what: "a route table twice",
    text: inExisting({ routeTables: "[rtb-01234567, rtb-01234567]" }),
    says: ["IdDuplicate 12:35"],
  },
  {
    what: "a subnet that nobody would announce",
    text: inExisting({ a: "{ cidr: 10.11.0.0/28, id: subnet-01234567 }" }),
    says: ["SubnetOutside 10:20"],
  },
  {
    what: "a subnet with host bits",
    text: inExisting({ a: "{ cidr: 10.10.0.1/28, id: subnet-01234567 }" }),
    says: ["CidrHostBits 10:20"],
  },
  {
    what: "a subnet smaller than there is one",
    text: inExisting({ a: "{ cidr: 10.10.0.0/29, id: subnet-01234567 }" }),
    says: ["CidrSize 10:20"],
  },
  {
    what: "a gateway without a subnet",
    text: fleet("regions:", ...existing().filter((line) => !line.startsWith("        b:"))),
    says: ["MissingKey 10:9"],
  },
  {
    what: "a subnet for a gateway that is not there",
    text: inExisting({
      b: "{ cidr: 10.10.0.16/28, id: subnet-11111111 }\n        z: { cidr: 10.10.0.32/28, id: subnet-22222222 }",
    }),
    says: ["UnknownKey 12:9"],
  },
  {
    what: "a subnet without its network",
    text: inExisting({ a: "{ id: subnet-0123456789abcdef0 }" }),
    says: ["MissingKey 10:12"],
  },
  { what: "no route table", text: inExisting({ routeTables: "[]" }), says: ["WrongValue 12:20"] },
  {
    what: "an unknown key of a network",
    text: inExisting({ id: "vpc-01234567\n      routeTabels: []" }),
    says: ["UnknownKey 9:7"],
  },
  {
    what: "one network for two regions",
    text: fleet(
      "regions:",
      ...existing(),
      ...existing(
        {
          a: "{ cidr: 10.11.0.0/28, id: subnet-11111111 }",
          b: "{ cidr: 10.11.1.0/28, id: subnet-22222222 }",
          routeTables: "[rtb-11111111]",
        },
        "use2",
      ).map((line) => line.replace("10.10.0.0/16", "10.11.0.0/16")),
    ),
    says: ["IdDuplicate 18:11"],
  },
  { what: "an ASN of somebody", text: region("cidr: 10.10.0.0/16, asn: 13335"), says: ["AsnInvalid 3:67"] },
  {
    what: "one ASN twice",
    text: regions(
      use1.replace(" }", ", asn: 64512 }"),
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, asn: 64512 }",
    ),
    says: ["AsnConflict 4:67"],
  },
  {
    what: "a hub that does not exist",
    text: two("topology: hub-and-spoke", "hubs: [use2]"),
    says: ["HubUnknown 6:8"],
  },
  { what: "a link to nowhere", text: two("links: [[use1, use9]]"), says: ["LinkUnknown 5:16"] },
  { what: "a link twice", text: two("links: [[use1, euw1], [euw1, use1]]"), says: ["LinkDuplicate 5:23"] },
  {
    what: "two topologies",
    text: two("topology: mesh", "links: [[use1, euw1]]"),
    says: ["TopologyConflict 6:8"],
  },
  {
    what: "a network in two keys",
    text: region("cidr: 10.10.0.0/16, cidrs: [10.11.0.0/16]"),
    says: ["KeyConflict 3:69"],
  },
  {
    what: "a way of finding the gateways that there is not",
    text: region("cidr: 10.10.0.0/16, routes: transit"),
    says: ["WrongValue 3:70"],
  },
  {
    what: "a mode that there is not",
    text: region("cidr: 10.10.0.0/16, ha: standby"),
    says: ["WrongValue 3:66"],
  },
  {
    what: "a preference of gateways that all carry traffic",
    text: region("cidr: 10.10.0.0/16, preference: med"),
    says: ["KeyConflict 3:74"],
  },
  {
    what: "a preference of gateways that all carry traffic, where others stand by",
    text: two("defaults: { ha: active-standby, preference: prepend }").replace(
      use1,
      use1.replace(" }", ", ha: active-active, preference: med }"),
    ),
    says: ["KeyConflict 3:93"],
  },
  {
    what: "a preference by default in a fleet where nobody stands by",
    text: two("defaults: { preference: prepend }"),
    says: ["KeyConflict 5:25"],
  },
  ...badAddresses,
  ...badCryptoFiles,
  {
    what: "an option that the gateways' system does not know",
    text: two(
      "crypto: { ike: aes256gcm16-prfsha384-ecp384-ke1_mlkem768 }",
      "defaults: { system: debian-12 }",
    ),
    says: ["OptionUnknown 5:16"],
  },
  {
    what: "options that each of two systems does not know, said once for each",
    text: regions(
      use1.replace(" }", ", system: debian-12 }"),
      euw1.replace(" }", ", system: ubuntu-24.04 }"),
      euw1.replace("euw1", "euw2").replace("10.20", "10.30"),
    ).concat("crypto: { esp: aes256gcm16-ecp384-ke1_mlkem768 }\n"),
    says: ["OptionUnknown 6:16", "OptionUnknown 6:16", "OptionUnknown 6:16"],
  },
  {
    what: "a system that there is not",
    text: region("cidr: 10.10.0.0/16, system: debian-11"),
    says: ["WrongValue 3:70"],
  },
  { what: "a weak key", text: two("trust: { keyAlgorithm: rsa-2048 }"), says: ["KeyWeak 5:24"] },
  {
    what: "a weak key of one region",
    text: region("cidr: 10.10.0.0/16, trust: { keyAlgorithm: rsa-1024 }"),
    says: ["KeyWeak 3:85"],
  },
  {
    what: "lifetimes that contradict each other",
    text: two("crypto: { ikeRekeySeconds: 600, childRekeySeconds: 3600 }"),
    says: ["LifetimeImpossible 5:52"],
  },
  {
    what: "a tag of the cloud's own",
    text: region("cidr: 10.10.0.0/16, tags: { 'aws:x': y }"),
    says: ["TagInvalid 3:79"],
  },
  {
    what: "regions that cannot reach each other",
    text: fleet(
      "regions:",
      `  ${use1}`,
      `  ${euw1}`,
      "  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }",
      "links: [[use1, euw1]]",
    ),
    says: ["Unreachable 5:10"],
  },
  {
    // No two of them side by side, and between them are addresses of the internet.
    what: "more routes than the Route Server takes, however they are merged",
    text: regions(
      ...Array.from(
        { length: 102 },
        (_, index) =>
          `r${String(index)}: { cloud: aws, region: us-east-1, cidr: 11.${String(2 * index)}.0.0/16 }`,
      ),
    ),
    says: ["RouteServerRoutesExceeded 3:7"],
  },
  {
    what: "spokes that lose each other with their hub's only gateway",
    text: `topology: hub-and-spoke\nhubs: [hub]\n${regions(
      "hub: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 1 }",
      "one: { cloud: aws, region: us-east-1, cidr: 10.2.0.0/16 }",
      "two: { cloud: aws, region: us-east-1, cidr: 10.3.0.0/16 }",
    )}`,
    says: ["UnreachableAfterLoss 6:8", "UnreachableAfterLoss 7:8"],
  },
  {
    what: "more gateways than four",
    text: regions("use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 5 }"),
    says: ["WrongValue 3:71"],
  },
  {
    what: "an outer MTU in which IPv6 has no room, and one that is no Ethernet's",
    text: regions(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, outerMtu: 1343 }",
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16, outerMtu: 9001 }",
    ),
    says: ["WrongValue 3:71", "WrongValue 4:71"],
  },
  {
    what: "BFD faster than a gateway keeps up with, and slower than a routing protocol",
    text: regions(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, bfdMilliseconds: 99 }",
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16, bfdMilliseconds: 10001 }",
    ),
    says: ["WrongValue 3:78", "WrongValue 4:78"],
  },
  {
    what: "an epoch of a gateway that the region does not have",
    text: regions(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 3, epochs: { d: { key: 2 } } }",
    ),
    says: ["UnknownKey 3:84"],
  },
  {
    what: "a network too small for four gateways",
    text: regions("use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/26, gateways: 4 }"),
    says: ["CidrSize 3:48"],
  },
  {
    what: "more regions than are planned",
    text: regions(
      ...Array.from(
        { length: 201 },
        (_, index) =>
          `r${String(index)}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16 }`,
      ),
    ),
    says: ["TooManyRegions 3:3"],
  },
  {
    what: "many problems at once",
    text: "fleet: Acme\nregions:\n  use1: { cloud: aws, region: us-esat-1, cidr: 10.10.0.1/16 }\ncrypto: { ike: fast }\nextra: 1\n",
    says: [
      "NameInvalid 1:8",
      "RegionUnknown 3:31",
      "CidrHostBits 3:48",
      "ProposalInvalid 4:16",
      "UnknownKey 5:1",
    ],
  },
];
