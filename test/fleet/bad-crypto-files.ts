import type { BadFile } from "./bad-files";

/** `crypto:` stands in line 5, the value that is wrong from column 16 on where nothing else is before it. */
const two = (crypto: string): string =>
  `fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\ncrypto: ${crypto}\n`;

/** Suites that no policy takes, or not this one; and links that there are not. */
export const badCryptoFiles: readonly BadFile[] = [
  { what: "a proposal in no words", text: two("{ ike: fast }"), says: ["ProposalInvalid 5:16"] },
  ...[
    { word: "3des", ike: "3des-sha256-prfsha256-ecp384" },
    { word: "des", ike: "des-sha256-prfsha256-ecp384" },
    { word: "null", ike: "null-sha256-prfsha256-ecp384" },
    { word: "md5", ike: "aes256-md5-prfsha256-ecp384" },
    { word: "sha1", ike: "aes256-sha1-prfsha256-ecp384" },
    { word: "prfmd5", ike: "aes256gcm16-prfmd5-ecp384" },
    { word: "prfsha1", ike: "aes256gcm16-prfsha1-ecp384" },
    { word: "modp1024", ike: "aes256gcm16-prfsha384-modp1024" },
    { word: "modp1536", ike: "aes256gcm16-prfsha384-modp1536" },
    { word: "modp2048s256", ike: "aes256gcm16-prfsha384-modp2048s256" },
    { word: "ecp192", ike: "aes256gcm16-prfsha384-ecp192" },
    { word: "ecp224", ike: "aes256gcm16-prfsha384-ecp224" },
  ].flatMap(({ word, ike }) =>
    // What else CNSA does not take of them would stand before it.
    ["standard", "compatible", ...(ike.startsWith("aes256gcm16") ? ["cnsa"] : [])].map((policy): BadFile => ({
      what: `${word}, under policy ${policy}`,
      text: two(`{ ike: ${ike}, policy: ${policy} }`),
      says: ["ProposalWeak 5:16"],
    })),
  ),
  { what: "a weak word of ESP", text: two("{ esp: aes256gcm16-modp1536 }"), says: ["ProposalWeak 5:16"] },
  { what: "encryption alone", text: two("{ esp: aes256-ecp384 }"), says: ["ProposalWeak 5:16"] },
  {
    what: "integrity beside AEAD",
    text: two("{ esp: aes256gcm16-sha256-ecp384 }"),
    says: ["ProposalInvalid 5:16"],
  },
  {
    what: "a group of 112 bits under the default policy",
    text: two("{ ike: aes256gcm16-prfsha384-modp2048 }"),
    says: ["ProposalPolicy 5:16"],
  },
  {
    what: "encryption of 128 bits under CNSA",
    text: two("{ policy: cnsa, ike: aes128gcm16-prfsha384-ecp384 }"),
    says: ["ProposalPolicy 5:30"],
  },
  {
    what: "P-521 and SHA-256 under CNSA",
    text: two("{ policy: cnsa, ike: aes256gcm16-prfsha256-ecp521 }"),
    says: ["ProposalPolicy 5:30"],
  },
  {
    what: "a link's own policy, which its proposal is not of",
    text: two("{ links: { euw1~use1: { policy: cnsa, esp: chacha20poly1305-ecp384 } } }"),
    says: ["ProposalPolicy 5:52"],
  },
  {
    what: "a link's own proposal, which is weak",
    text: two("{ links: { use1~euw1: { ike: aes256gcm16-prfsha384-modp1024 } } }"),
    says: ["ProposalWeak 5:38"],
  },
  {
    what: "encryption that own gateways do not load",
    text: two("{ ike: aes256ctr-sha384-prfsha384-ecp384 }"),
    says: ["NoCommonProposal 5:16"],
  },
  {
    what: "the same on one link",
    text: two("{ links: { use1~euw1: { esp: aes256ctr-sha384-ecp384 } } }"),
    says: ["NoCommonProposal 5:38"],
  },
  {
    what: "ML-KEM, which no system has yet",
    text: two("{ postQuantum: mlkem }"),
    says: ["OptionUnknown 5:24"],
  },
  {
    what: "ML-KEM on one link",
    text: two("{ links: { use1~euw1: { postQuantum: mlkem } } }"),
    says: ["OptionUnknown 5:46"],
  },
  {
    what: "ML-KEM within the pair of the only region",
    text: "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }\ncrypto: { postQuantum: mlkem }\n",
    says: ["OptionUnknown 4:24"],
  },
  {
    what: "a post-quantum choice that there is not",
    text: two("{ postQuantum: kyber }"),
    says: ["WrongValue 5:24"],
  },
  { what: "a link of one region", text: two("{ links: { use1: {} } }"), says: ["LinkUnknown 5:20"] },
  {
    what: "a link of a region with itself",
    text: two("{ links: { use1~use1: {} } }"),
    says: ["LinkUnknown 5:20"],
  },
  {
    what: "a link of a region that there is not",
    text: two("{ links: { use1~euw2: {} } }"),
    says: ["LinkUnknown 5:20"],
  },
  {
    what: "a link twice, in both orders",
    text: two("{ links: { use1~euw1: {}, euw1~use1: {} } }"),
    says: ["LinkDuplicate 5:35"],
  },
  {
    what: "a link that the topology does not have",
    text: two("{ links: { apne1~use1: {} } }").replace(
      "crypto:",
      "  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }\ntopology: hub-and-spoke\nhubs: [euw1]\ncrypto:",
    ),
    says: ["LinkUnknown 8:20"],
  },
];
