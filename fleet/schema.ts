import { z } from "zod";
import { cloudNames } from "./cloud";
import { policies } from "./crypto/policy";
import { postQuantumChoices } from "./crypto/post-quantum";
import { families } from "./family";
import { gatewayKinds } from "./gateway-kind";
import { addressChoices, haModes, preferences } from "./ha";
import { keyAlgorithms, weakKeyAlgorithms } from "./key-algorithm";
import { routesChoices } from "./routes";
import { systemNames } from "./system";

/**
 * What a fleet file may hold, as a schema: shapes and simple ranges. What one value means beside another is checked
 * by `parse.ts` and `checks/`. `fleet.schema.json` is made from this for editors.
 */
const name = z.string().min(1);
const cidr = z.string().describe("An IPv4 network such as 10.10.0.0/16");
const asn = z.int().describe("A private ASN (RFC 6996): 64512–65534 or 4200000000–4294967294");
const epoch = z.int().min(1).max(999999).describe("Raise it to renew; never lower it");

const management = z
  .strictObject({
    allowFrom: z.array(cidr).describe("Networks that SSH to the gateways is admitted from"),
  })
  .describe("Who may manage gateways");

const tags = z
  .record(z.string(), z.string())
  .describe("Tags of every resource of the region; on Google Cloud labels");

const regionFields = {
  gateways: z.int().min(1).max(4).optional().describe("How many gateways, 1 to 4; default 2, a pair"),
  ha: z
    .enum(haModes)
    .optional()
    .describe("Whether all gateways carry traffic, or the first while it is there; default active-active"),
  preference: z
    .enum(preferences)
    .optional()
    .describe("Of an active-standby region: what makes others prefer its first gateway; default med"),
  address: z
    .enum(addressChoices)
    .optional()
    .describe(
      "Of an active-standby pair with routes: agent: own, an address for each gateway; moved, one for the pair, which the survivor moves to itself; default own",
    ),
  outside: z
    .enum(families)
    .optional()
    .describe(
      "What its gateways speak to other regions over: ipv4 or ipv6; a link is of IPv6 where both its regions are; default ipv4",
    ),
  routes: z
    .enum(routesChoices)
    .optional()
    .describe(
      "How the region's own network finds the gateways: service, the cloud's own route service by BGP (AWS: VPC Route Server; Azure: Route Server; Google Cloud: Cloud Router); agent, static routes that gateways move; transit-gateway, a transit gateway by BGP in GRE; default service",
    ),
  size: z
    .string()
    .optional()
    .describe(
      "Machine type of the gateways: c7g.medium (AWS), Standard_D2s_v5 (Azure), n2-standard-2 (Google Cloud); of a managed gateway on Azure its SKU: VpnGw1AZ",
    ),
  management: management.optional(),
  tags: tags.optional(),
  system: z.enum(systemNames).optional().describe("What the gateways' machines run; default debian-13"),
  outerMtu: z
    .int()
    .min(1344)
    .max(1500)
    .optional()
    .describe(
      "Bytes that a packet of its gateways may have on its way to other regions, IP header included; 1344–1500, default 1452; on Google Cloud at most 1460",
    ),
  bfdMilliseconds: z
    .int()
    .min(100)
    .max(10_000)
    .optional()
    .describe(
      "Between two BFD packets of its gateways' sessions; a peer is lost when three do not come, and two ends keep to the slower one; 100–10000, default 300",
    ),
  transit: z.boolean().optional().describe("Whether traffic between other regions may pass; default true"),
};

const existingSubnet = z.strictObject({
  id: z.string().describe("Its id: subnet-…; on Azure its resource id"),
  cidr: cidr.describe("Its IPv4 network, within the region's"),
});

const existingNetwork = z
  .strictObject({
    id: z.string().describe("The VPC's id: vpc-…; on Azure the virtual network's resource id"),
    subnets: z
      .record(z.string(), existingSubnet)
      .describe(
        "By gateway letter: the subnet that the gateway lives in, routed to the internet; on Azure `gateways` and `RouteServerSubnet`",
      ),
    routeTables: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        "On AWS, and there it must be: ids of the route tables that take the routes to other regions: rtb-…",
      ),
  })
  .describe("A network that is there already, in place of a new one; nothing of it is changed or deleted");

const ipv6 = z
  .strictObject({
    cidr: z
      .string()
      .describe(
        "An IPv6 network such as fd8a:1b2c:3d00::/56: /44 to /60 in steps of 4, and part of the pool",
      ),
    pool: z
      .string()
      .describe(
        "Id of the pool that the network is taken from: ipam-pool-…, or ipv6pool-ec2-… of your own addresses",
      ),
  })
  .describe("The region's IPv6 network, beside IPv4");

const keyAlgorithm = z
  .enum(keyAlgorithms)
  .optional()
  .describe(
    "Kind of a gateway's key; default ecdsa-p256. Holds for a key that is made, not for one that is there",
  );

const regionTrust = z.strictObject({ keyAlgorithm }).describe("What differs from the fleet's trust");

const region = z.strictObject({
  cloud: z.enum(cloudNames).describe("The cloud"),
  region: name.describe("The cloud's own name of its region, such as us-east-1, westeurope or europe-west1"),
  gateway: z
    .enum(gatewayKinds)
    .optional()
    .describe(
      "Whose VPN gateways it has: self, machines of its own; managed, the cloud's service (on AWS a transit gateway with Site-to-Site VPN); default self",
    ),
  cidr: cidr.optional().describe("The region's IPv4 network; either this or cidrs"),
  cidrs: z
    .array(cidr)
    .min(1)
    .optional()
    .describe("Its networks where there are several; gateways live in the first"),
  ipv6: ipv6.optional(),
  asn: asn.optional(),
  transitGatewayCidr: cidr
    .optional()
    .describe(
      "With routes: transit-gateway: where the transit gateway's own addresses come from, a /24 or larger that nobody uses; default one of 100.64.0.0/10",
    ),
  insideCidr: cidr
    .optional()
    .describe(
      "Of a managed gateway on Azure: the /30 of 169.254.21.0 to 169.254.22.255 that its two addresses inside of tunnels are in; default by hash of the region's name",
    ),
  network: existingNetwork.optional(),
  trust: regionTrust.optional(),
  epochs: z
    .record(z.string(), z.strictObject({ key: epoch.optional(), image: epoch.optional() }))
    .optional()
    .describe("By gateway letter: raised to renew its key and certificate, or to replace its machine"),
  account: z.string().optional().describe("On AWS: id of the one account that it may be built in"),
  subscription: z.string().optional().describe("On Azure: id of the subscription that it is built in"),
  project: z.string().optional().describe("On Google Cloud: id of the project that it is built in"),
  ...regionFields,
});
export type RegionInput = z.infer<typeof region>;

const seconds = z.int();
const suite = {
  policy: z
    .enum(policies)
    .optional()
    .describe(
      "What proposals may be of: standard, 128 bits of strength and more; cnsa, RFC 9206; compatible, 112 bits; default standard",
    ),
  ike: z
    .string()
    .optional()
    .describe(
      "IKE proposal in strongSwan's words, one transform per role; default the strongest that both ends take",
    ),
  esp: z
    .string()
    .optional()
    .describe(
      "ESP proposal in strongSwan's words, with a group for forward secrecy; default the strongest that both ends take",
    ),
};
const postQuantum = z
  .enum(postQuantumChoices)
  .optional()
  .describe(
    "What protects keys from quantum computers: off; ppk, a preshared key of RFC 8784; ppk-optional, the same where both ends have it; mlkem, ML-KEM by RFC 9370; default off",
  );
const linkCrypto = z
  .strictObject({ ...suite, postQuantum })
  .describe("What differs from the fleet's crypto on one link");

const crypto = z.strictObject({
  ...suite,
  postQuantum,
  links: z
    .record(z.string(), linkCrypto)
    .optional()
    .describe("By link, euw1~use1: what differs from the fleet's there"),
  ikeRekeySeconds: seconds.optional().describe("When an IKE SA is rekeyed; 600–86400, default 14400"),
  childRekeySeconds: seconds.optional().describe("When a child SA is rekeyed; 300–28800, default 3600"),
  dpdDelaySeconds: seconds.optional().describe("Idle time after which a peer is asked; 5–300, default 10"),
});

const days = z.int();
const trust = z.strictObject({
  rootDays: days.optional().describe("Life of the root certificate; default 3650"),
  intermediateDays: days.optional().describe("Life of the issuing certificate; default 1825"),
  leafDays: days.optional().describe("Life of a gateway's certificate; 1–398, default 90"),
  keyAlgorithm,
});

const gate = z.union([
  z.enum(["proofs", "health"]),
  z.strictObject({
    command: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(100)
      .describe("The program and its words, each apart; no shell reads them. It passes with exit code 0"),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(86400)
      .optional()
      .describe("How long it may take; 1–86400, default 60"),
  }),
]);

const rollout = z
  .strictObject({
    canary: name
      .optional()
      .describe(
        "The region that goes first and alone, or fewest-links: the one with the fewest; default none",
      ),
    regionsPerWave: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe("Regions that one wave completes at most; default all that are left"),
    parallel: z.int().min(1).max(64).optional().describe("Stacks at once; 1–64, default 4"),
    failuresTolerated: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe("Stacks that may fail before no other starts; a canary's is never tolerated; default 0"),
    soakSeconds: z
      .int()
      .min(1)
      .max(86400)
      .optional()
      .describe("How long to wait after a wave that changed something, before the next; default none"),
    gates: z
      .array(gate)
      .min(1)
      .max(10)
      .optional()
      .describe(
        "What must be true after each wave, in this order, before the next: proofs, health, or a command; default none",
      ),
  })
  .describe("How `trunkline up` goes through the regions");

export const fleetSchema = z
  .strictObject({
    fleet: name.describe("The fleet's name: [a-z][a-z0-9-]{0,30}, the beginning of all logical names"),
    regions: z.record(z.string(), region).describe("By name, [a-z][a-z0-9]{0,11}"),
    topology: z.enum(["mesh", "hub-and-spoke"]).optional().describe("Default mesh"),
    hubs: z.array(name).min(1).optional().describe("Regions through which spokes reach each other"),
    links: z
      .array(z.tuple([name, name]))
      .min(1)
      .optional()
      .describe("Regions that talk directly"),
    management: management.optional(),
    defaults: z
      .strictObject(regionFields)
      .optional()
      .describe("What holds for every region that does not say otherwise"),
    crypto: crypto.optional(),
    trust: trust.optional(),
    rollout: rollout.optional(),
  })
  .describe("A Trunkline fleet");
export type FleetInput = z.infer<typeof fleetSchema>;

/**
 * Keys that the design knows and this version does not build, by the path pattern of their mapping. Known by name so
 * that they are refused as such, and never ignored.
 */
export const laterKeys: Readonly<Record<string, readonly string[]>> = {
  "": ["sites", "remoteAccess", "observability", "waive"],
  defaults: ["gateway", "nat"],
  "regions.*": ["nat"],
  management: ["bastion"],
  "regions.*.management": ["bastion"],
  "defaults.management": ["bastion"],
  trust: ["keys", "renewBefore", "renewDays", "revocation"],
};

/** Values that are known and too weak, by path pattern: RFC 8247 section 4.1.1, NIST SP 800-57 part 1 table 2. */
export const weakValues: Readonly<Record<string, readonly string[]>> = {
  "trust.keyAlgorithm": weakKeyAlgorithms,
  "regions.*.trust.keyAlgorithm": weakKeyAlgorithms,
};

/** The JSON Schema (2020-12) for editors: `fleet.schema.json`. */
export function fleetJsonSchema(): object {
  return {
    title: "Trunkline fleet file",
    ...z.toJSONSchema(fleetSchema),
  };
}

/** Keys that a mapping at this path pattern takes, for "did you mean". */
export function knownKeys(pattern: string): readonly string[] {
  const shapes: Readonly<Record<string, object>> = {
    "": fleetSchema.shape,
    "regions.*": region.shape,
    "regions.*.epochs.*": { key: 1, image: 1 },
    "regions.*.ipv6": ipv6.shape,
    "regions.*.network": existingNetwork.shape,
    "regions.*.network.subnets.*": existingSubnet.shape,
    defaults: regionFields,
    crypto: crypto.shape,
    "crypto.links.*": linkCrypto.shape,
    trust: trust.shape,
    rollout: rollout.shape,
    "rollout.gates.*": gate.options[1].shape,
    "regions.*.trust": regionTrust.shape,
    management: management.shape,
    "regions.*.management": management.shape,
    "defaults.management": management.shape,
  };
  return Object.keys(shapes[pattern] ?? {});
}
