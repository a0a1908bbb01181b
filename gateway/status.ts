import { z } from "zod";

/** What `trunkline-gateway status` prints: everything read from daemons and the kernel at that moment. */
const text = z.string().nullish();

const childSa = z.object({
  name: text,
  /** `INSTALLED`, `REKEYED`, … */
  state: text,
  mode: text,
  udpEncapsulated: z.boolean(),
  ifId: z.int(),
  /** strongSwan's words by key: `encr-alg`, `encr-keysize`, `integ-alg`, `dh-group`. */
  proposal: z.record(z.string(), z.string()),
  /** Hex. */
  spis: z.object({ in: text, out: text }),
  bytes: z.object({ in: z.number(), out: z.number() }),
  packets: z.object({ in: z.number(), out: z.number() }),
});

const ikeSa = z.object({
  /** The connection's name: the tunnel's id. */
  name: z.string(),
  id: z.int(),
  /** `ESTABLISHED`, `CONNECTING`, … */
  state: text,
  version: z.int(),
  local: z.object({ address: text, identity: text }),
  remote: z.object({ address: text, identity: text }),
  udpEncapsulated: z.boolean(),
  proposal: z.record(z.string(), z.string()),
  /** Whether its keys hold a post-quantum preshared key (RFC 8784); of an older program's answer nothing. */
  ppk: z.boolean().nullish(),
  spis: z.tuple([text, text]),
  establishedSeconds: z.number(),
  childSas: z.array(childSa),
});

const neighbour = z.object({
  address: z.string(),
  remoteAs: z.number().nullish(),
  /** `Established`, `Active`, … */
  state: text,
  role: z.object({ local: text, remote: text }),
  bfd: text,
  /** Prefixes after our own filters, sorted. */
  received: z.array(z.string()),
  sent: z.array(z.string()),
});

export const gatewayStatus = z.object({
  format: z.literal("trunkline.status/1"),
  /** Seconds since 1970. */
  clock: z.number(),
  release: z.object({
    current: text,
    previous: text,
    pending: text,
    reverted: z.object({ release: z.string(), why: z.string(), at: z.number() }).nullish(),
  }),
  /** Who asked for the traffic to leave: `operator`, `restart`. Empty: nobody. */
  drained: z.array(z.string()),
  /** Packets that passed since the rules were loaded, by counter: `out`, `in`, `handed`, `taken`, `through`. */
  forwarded: z.record(z.string(), z.number()),
  /** `ssh-ed25519 AAAA…` */
  hostKey: text,
  ikeSas: z.array(ikeSa),
  /** PEM of everything that strongSwan holds, peers' certificates as presented included. */
  certificates: z.array(z.string()),
  interfaces: z.array(
    z.object({ name: z.string(), mtu: z.int(), up: z.boolean(), addresses: z.array(z.string()) }),
  ),
  neighbours: z.array(neighbour),
  bfd: z.array(z.object({ peer: text, status: text })),
  /** Routes of the kernel that BGP made, of both families. */
  routes: z.array(z.object({ prefix: z.string(), nextHops: z.array(z.string()) })),
  /** Where gateways move their network's routes in the cloud's tables: what this one does, and why. */
  cloudRoutes: z
    .object({
      act: z.enum(["hold", "take", "leave"]),
      /** One sentence without its end. */
      why: z.string(),
      /** Ids of the gateways that routes lead to, `elsewhere` among them; empty while the tables are not known. */
      holders: z.array(z.string()),
      /** By gateway id: `carries`, `cannot carry`, `is not heard`. */
      partners: z.record(z.string(), z.string()),
      /** Since its program started. */
      moves: z.int(),
      movedAt: z.number().nullable(),
      /** Seconds since 1970, and what the cloud's API does not do. */
      failed: z.object({ error: z.string(), since: z.number() }).nullable(),
      /** Where the pair shares one: who holds it, `nobody`, or null while that is not known; and whether it is this one. */
      address: z.object({ holder: z.string().nullable(), here: z.boolean() }).nullish(),
    })
    .nullish(),
});
export type GatewayStatus = z.infer<typeof gatewayStatus>;
export type GatewayIkeSa = z.infer<typeof ikeSa>;
export type GatewayNeighbour = z.infer<typeof neighbour>;
