import { z } from "zod";
import type { Fault } from "../client/client";
import type { ObjectKind, WorldObject } from "../world/model";

/**
 * What is said on the lab's socket: one JSON object per line, each request with an `id` that its answer repeats; several
 * may be under way on one connection. `connect`, `shell` and `capture` have a connection of their own, which becomes a
 * byte stream after the answer. connect.py and ssh.py beside this file speak it too.
 */
const kinds = {
  network: true,
  subnet: true,
  internetGateway: true,
  routeTable: true,
  firewall: true,
  interface: true,
  publicAddress: true,
  machine: true,
  workload: true,
  routeService: true,
  routeServiceEndpoint: true,
  routeServicePeer: true,
  heldAddress: true,
  resourceGroup: true,
  applianceHub: true,
  applianceSpoke: true,
  transitGateway: true,
  transitAttachment: true,
  transitConnect: true,
  transitConnectPeer: true,
  customerGateway: true,
  vpnConnection: true,
  vpnGateway: true,
  peerVpnGateway: true,
  gatewayTunnel: true,
  tunnelEndpoint: true,
  tunnelPeer: true,
  virtualNetworkGateway: true,
  localNetworkGateway: true,
  gatewayConnection: true,
  role: true,
  instanceProfile: true,
} as const satisfies Record<ObjectKind, true>;

const kind = z.custom<ObjectKind>((value) => typeof value === "string" && Object.hasOwn(kinds, value));
/** Its fields are the world's to judge (lab/world/world.ts): here only that it is an object with a kind and an id. */
const worldObject = z.custom<WorldObject>(
  (value) => z.looseObject({ kind, id: z.string().min(1), name: z.string() }).safeParse(value).success,
);
const fault = z.custom<Fault>(
  (value) =>
    z
      .discriminatedUnion("do", [
        z.object({ do: z.enum(["cut", "mend"]), host: z.string() }),
        z.object({
          do: z.literal("path"),
          from: z.string(),
          to: z.union([z.string(), z.array(z.string()).min(1)]),
          delayMs: z.number().nonnegative().optional(),
          lossPercent: z.number().min(0).max(100).optional(),
          mtu: z.number().int().min(68).optional(),
          fragments: z.literal("dropped").optional(),
        }),
        z.object({ do: z.literal("kill"), host: z.string(), process: z.string().min(1) }),
        z.object({ do: z.literal("fill-disk"), host: z.string() }),
      ])
      .safeParse(value).success,
);
const seconds = z.number().positive().max(3600);

export const requestSchema = z.discriminatedUnion("op", [
  z.object({ op: z.literal("put"), object: worldObject }),
  z.object({ op: z.literal("remove"), kind, objectId: z.string() }),
  z.object({ op: z.literal("world") }),
  z.object({ op: z.literal("allocateAddress") }),
  z.object({
    op: z.literal("exec"),
    host: z.string(),
    argv: z.array(z.string()).min(1),
    /** Base64; absent: no standard input. */
    stdin: z.string().optional(),
    deadlineSeconds: seconds.optional(),
  }),
  z.object({ op: z.literal("connect"), address: z.string(), port: z.number().int().min(1).max(65535) }),
  z.object({
    op: z.literal("shell"),
    host: z.string(),
    rows: z.number().int().positive().optional(),
    columns: z.number().int().positive().optional(),
  }),
  z.object({ op: z.literal("power"), machine: z.string(), state: z.enum(["on", "off"]) }),
  z.object({ op: z.literal("fault"), fault }),
  z.object({ op: z.literal("capture"), host: z.string(), filter: z.string() }),
  z.object({ op: z.literal("lateness"), step: z.enum(["start", "stop"]) }),
  z.object({
    op: z.literal("ssh"),
    argv: z.array(z.string()),
    stdin: z.string(),
    workingDirectory: z.string(),
  }),
  z.object({ op: z.literal("status") }),
  z.object({ op: z.literal("down") }),
]);
export type Request = z.infer<typeof requestSchema>;

export const envelopeSchema = z.looseObject({ id: z.number().int() });

export const answerSchema = z.discriminatedUnion("ok", [
  z.object({ id: z.number().int(), ok: z.literal(true), value: z.unknown() }),
  z.object({ id: z.number().int(), ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;

/** What the daemon says to the process that started it, one JSON object per line on descriptor 3, until it is ready. */
export const birthSchema = z.union([
  z.object({ progress: z.string() }),
  z.object({ ready: z.literal(true) }),
  z.object({ failed: z.object({ code: z.string(), message: z.string() }) }),
]);
export type Birth = z.infer<typeof birthSchema>;
