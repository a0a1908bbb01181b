import { z } from "zod";
import {
  type FabricHandover,
  fabricFormat,
  type RegionHandover,
  regionFormat,
  type TrustHandover,
  trustFormat,
} from "../components/handover";
import { cloudNames } from "../fleet/cloud";
import { systemNames } from "../fleet/system";

export type {
  FabricHandover,
  GatewayHandover,
  GatewayTrust,
  RegionHandover,
  TrustHandover,
} from "../components/handover";

/**
 * The schemas of what one layer hands on to the next: an absent or older object is an error with the stack's name,
 * never `undefined` in a green preview.
 */
export const regionHandover: z.ZodType<RegionHandover> = z.strictObject({
  format: z.literal(regionFormat),
  region: z.string(),
  cloud: z.enum(cloudNames),
  cloudRegion: z.string(),
  networkId: z.string().min(1),
  securityGroupId: z.string().min(1).optional(),
  routeService: z.strictObject({
    asn: z.int().optional(),
    endpoints: z.array(z.strictObject({ name: z.string(), address: z.ipv4() })),
  }),
  agent: z
    .strictObject({
      routeTables: z.record(z.string(), z.string().min(1)),
      interfaces: z.record(z.string(), z.string().min(1)),
    })
    .optional(),
  transitGateway: z
    .strictObject({ id: z.string().min(1), routeTables: z.record(z.string(), z.string().min(1)) })
    .optional(),
  vpnGateway: z
    .strictObject({
      id: z.string().min(1),
      router: z.string().min(1).optional(),
      addresses: z.array(z.ipv4()).length(2),
    })
    .optional(),
  shared: z
    .strictObject({
      publicAddress: z.ipv4(),
      allocationId: z.string().min(1),
      privateAddresses: z.record(z.string(), z.ipv4()),
    })
    .optional(),
  gateways: z.array(
    z.strictObject({
      id: z.string(),
      instanceId: z.string().min(1),
      imageEpoch: z.int(),
      system: z.enum(systemNames),
      privateAddress: z.ipv4(),
      publicAddress: z.ipv4(),
      routerAddress: z.ipv4(),
      ipv6: z.strictObject({ address: z.ipv6(), prefix: z.int(), router: z.ipv6() }).optional(),
      sshUser: z.string().min(1),
      pushKey: z.string().min(1),
      bootstrapHostKey: z.string().min(1),
    }),
  ),
});

export const trustHandover: z.ZodType<TrustHandover> = z.strictObject({
  format: z.literal(trustFormat),
  fleet: z.string(),
  roots: z.array(z.string()).min(1),
  intermediates: z.array(z.string()).min(1),
  gateways: z.array(
    z.strictObject({
      id: z.string(),
      keyEpoch: z.int(),
      certificate: z.string().min(1),
      hostKey: z.string().min(1),
    }),
  ),
  ppkSeeds: z.record(z.string(), z.string().min(1)).optional(),
});

export const fabricHandover: z.ZodType<FabricHandover> = z.strictObject({
  format: z.literal(fabricFormat),
  region: z.string(),
  releases: z.array(z.strictObject({ gateway: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/) })),
  managedAddresses: z.record(z.string(), z.ipv4()).optional(),
});

/** A lower layer's stack has not handed on what this version reads. */
export class HandoverError extends Error {
  /** @param lower name of the stack that handed on too little */
  constructor(
    readonly lower: string,
    message: string,
  ) {
    super(message);
    this.name = "HandoverError";
  }
}

/**
 * What a stack handed on, checked. Values never enter a message: they hold a private key.
 * @throws HandoverError that says what to do
 */
export function parseHandover<T>(schema: z.ZodType<T>, expected: string, stack: string, value: unknown): T {
  if (value === undefined || value === null)
    throw new HandoverError(stack, `Stack ${stack} has handed on nothing yet. Bring it up first.`);
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const { success, data } = z.looseObject({ format: z.string() }).safeParse(value);
  if (success && data.format !== expected)
    throw new HandoverError(
      stack,
      `Stack ${stack} handed on ${data.format}, and this version reads ${expected}. Bring that stack up with this version first.`,
    );
  const faults = read.error.issues.map(({ path, code }) => `${path.join(".")} (${code})`).join(", ");
  throw new HandoverError(
    stack,
    `Stack ${stack} handed on an incomplete ${expected}: ${faults}. Bring that stack up again.`,
  );
}
