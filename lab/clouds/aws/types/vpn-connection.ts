import { z } from "zod";
import { insideAddresses } from "../../../world/address";
import type { VpnConnection, VpnTunnel } from "../../../world/model";
import type { Account } from "../context";
import type { Problem } from "../../provider/resource";
import { cidr } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

/**
 * What one tunnel is told. Every list is needed: AWS takes all it has where one is left out, and that has no stand-in.
 * @see AWS, "Tunnel options for your AWS Site-to-Site VPN connection"; EC2 API reference, "VpnTunnelOptionsSpecification"
 */
const lists = {
  encryption: z.array(z.enum(["AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"])).min(1),
  integrity: z.array(z.enum(["SHA1", "SHA2-256", "SHA2-384", "SHA2-512"])).min(1),
  groups1: z
    .array(z.int().refine(isGroup([2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]), "no such group"))
    .min(1),
  groups2: z
    .array(z.int().refine(isGroup([2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]), "no such group"))
    .min(1),
};

function isGroup(groups: readonly number[]): (group: number) => boolean {
  return (group) => groups.includes(group);
}

/** The key itself is in no message. */
const presharedKey = z
  .string()
  .regex(
    /^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$/,
    "must have 8 to 64 letters, digits, periods and underscores, and not begin with a zero",
  );

const options = {
  InsideCidr: cidr,
  PresharedKey: presharedKey,
  IkeVersions: z.array(z.literal("ikev2", "IKEv1 has no stand-in")).length(1),
  Phase1EncryptionAlgorithms: lists.encryption,
  Phase1IntegrityAlgorithms: lists.integrity,
  Phase1DhGroupNumbers: lists.groups1,
  Phase1LifetimeSeconds: z.int().min(900).max(28800),
  Phase2EncryptionAlgorithms: lists.encryption,
  Phase2IntegrityAlgorithms: lists.integrity,
  Phase2DhGroupNumbers: lists.groups2,
  Phase2LifetimeSeconds: z.int().min(900).max(3600),
  RekeyMarginTimeSeconds: z.int().min(60),
  RekeyFuzzPercentage: z.int().min(0).max(100),
  ReplayWindowSize: z.int().min(64).max(2048),
  DpdTimeoutSeconds: z.int().min(30),
  DpdTimeoutAction: z.literal("clear", "the other actions have no stand-in"),
  StartupAction: z.literal("add", "an end that calls has no stand-in"),
};
type Option = keyof typeof options;
type Fields<T extends string> = { [K in Option as `${T}${K}`]: (typeof options)[K] };

function fieldsOf<T extends "tunnel1" | "tunnel2">(tunnel: T): Fields<T> {
  const named = Object.entries(options).map(([option, type]) => [`${tunnel}${option}`, type]);
  return z.custom<Fields<T>>(() => true).parse(Object.fromEntries(named));
}

const numbers = [1, 2] as const;
const tunnelOptions = z.object(options);
type TunnelOptions = z.infer<typeof tunnelOptions>;

/** One tunnel's fields without its number. */
function optionsOf(number: 1 | 2, given: Readonly<Record<string, unknown>>): TunnelOptions {
  return tunnelOptions.parse(
    Object.fromEntries(
      Object.keys(options).map((option) => [option, given[`tunnel${String(number)}${option}`]]),
    ),
  );
}

function tunnelOf(told: TunnelOptions, address: string): VpnTunnel {
  return {
    address,
    inside: told.InsideCidr,
    presharedKey: told.PresharedKey,
    ike: {
      encryption: told.Phase1EncryptionAlgorithms,
      integrity: told.Phase1IntegrityAlgorithms,
      groups: told.Phase1DhGroupNumbers,
      lifetimeSeconds: told.Phase1LifetimeSeconds,
    },
    esp: {
      encryption: told.Phase2EncryptionAlgorithms,
      integrity: told.Phase2IntegrityAlgorithms,
      groups: told.Phase2DhGroupNumbers,
      lifetimeSeconds: told.Phase2LifetimeSeconds,
    },
    rekeyMarginSeconds: told.RekeyMarginTimeSeconds,
    rekeyFuzzPercentage: told.RekeyFuzzPercentage,
    replayWindow: told.ReplayWindowSize,
    dpdTimeoutSeconds: told.DpdTimeoutSeconds,
  };
}

const everything = z.literal("0.0.0.0/0", "narrower traffic selectors have no stand-in").default("0.0.0.0/0");

export const vpnConnection = awsType({
  token: "aws:ec2/vpnConnection:VpnConnection",
  inputs: {
    type: z.literal("ipsec.1", "AWS knows no other type"),
    customerGatewayId: z.string(),
    transitGatewayId: z.string({ error: "a virtual private gateway has no stand-in" }),
    staticRoutesOnly: z.literal(false, "static routes have no stand-in").default(false),
    tunnelInsideIpVersion: z.literal("ipv4", "IPv6 inside has no stand-in").default("ipv4"),
    localIpv4NetworkCidr: everything,
    remoteIpv4NetworkCidr: everything,
    ...fieldsOf("tunnel1"),
    ...fieldsOf("tunnel2"),
    tags,
  },
  replacedBy: ["type", "staticRoutesOnly", "tunnelInsideIpVersion"],
  computed: [
    ...["arn", "customerGatewayConfiguration", "tagsAll", "transitGatewayAttachmentId", "vgwTelemetries"],
    ...numbers.flatMap((number) =>
      ["Address", "BgpAsn", "BgpHoldtime", "CgwInsideAddress", "VgwInsideAddress"].map(
        (output) => `tunnel${String(number)}${output}`,
      ),
    ),
  ],
  changing: [
    ...["customerGatewayConfiguration", "tagsAll"],
    ...numbers.flatMap((number) => [
      `tunnel${String(number)}CgwInsideAddress`,
      `tunnel${String(number)}VgwInsideAddress`,
    ]),
  ],
  // It holds both keys.
  secretOutputs: ["customerGatewayConfiguration"],
  check: (given) => numbers.flatMap((number) => checkLives(number, optionsOf(number, given))),
  async create(given, call) {
    const { context } = call;
    const id = newId("vpn", call, withoutKeys(given));
    await context.get("customerGateway", given.customerGatewayId);
    await context.get("transitGateway", given.transitGatewayId);
    const before = await context.find("vpnConnection", id);
    const addresses: string[] = [];
    for (const number of numbers)
      addresses.push(before?.tunnels[number - 1]?.address ?? (await (await context.lab()).allocateAddress()));
    const made: VpnConnection = {
      kind: "vpnConnection",
      id,
      name: nameTag(given.tags, id),
      transitGateway: given.transitGatewayId,
      customerGateway: given.customerGatewayId,
      tunnels: numbers.map((number) => tunnelOf(optionsOf(number, given), addresses[number - 1] ?? "")),
    };
    await context.make(made);
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("vpn-connection", id),
        transitGatewayAttachmentId: `tgw-attach-${id.slice("vpn-".length)}`,
        vgwTelemetries: [],
        ...(await outputsOf(made, context)),
      },
    };
  },
  async read(id, _state, { context }) {
    const connection = await context.find("vpnConnection", id);
    if (connection === undefined) return undefined;
    return {
      customerGatewayId: connection.customerGateway,
      transitGatewayId: connection.transitGateway,
      ...Object.fromEntries(
        connection.tunnels.flatMap(({ inside, presharedKey: key }, index) => [
          [`tunnel${String(index + 1)}InsideCidr`, inside],
          [`tunnel${String(index + 1)}PresharedKey`, key],
        ]),
      ),
    };
  },
  async update(id, given, _state, { context }) {
    await context.change("vpnConnection", id, (connection) => ({
      ...connection,
      name: nameTag(given.tags, id),
      transitGateway: given.transitGatewayId,
      customerGateway: given.customerGatewayId,
      tunnels: connection.tunnels.map(({ address }, index) =>
        tunnelOf(optionsOf(index === 0 ? 1 : 2, given), address),
      ),
    }));
    const now = await context.get("vpnConnection", id);
    return { ...given, ...tagsAll(given.tags), ...(await outputsOf(now, context)) };
  },
  remove: (id, _state, { context }) => context.unmake("vpnConnection", id),
});

/** An id is not of the keys: it stands where everybody reads. */
function withoutKeys(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([field]) => !field.endsWith("PresharedKey")));
}

/** AWS, "Tunnel options": a child SA lives shorter than its IKE SA, and the margin is at most half of that. */
function checkLives(number: 1 | 2, told: TunnelOptions): Problem[] {
  const { Phase1LifetimeSeconds: ike, Phase2LifetimeSeconds: esp, RekeyMarginTimeSeconds: margin } = told;
  const at = (option: Option): string => `tunnel${String(number)}${option}`;
  return [
    ...(esp < ike
      ? []
      : [{ property: at("Phase2LifetimeSeconds"), reason: "must be less than phase 1's lifetime" }]),
    ...(margin <= esp / 2
      ? []
      : [{ property: at("RekeyMarginTimeSeconds"), reason: "must be at most half of phase 2's lifetime" }]),
  ];
}

async function outputsOf(
  { transitGateway, customerGateway, tunnels }: VpnConnection,
  context: Account,
): Promise<Record<string, unknown>> {
  const { asn } = await context.get("transitGateway", transitGateway);
  const router = await context.get("customerGateway", customerGateway);
  return {
    ...Object.fromEntries(
      tunnels.flatMap(({ address, inside }, index) => {
        const [own, other] = insideAddresses(inside);
        return Object.entries({
          Address: address,
          BgpAsn: String(asn),
          BgpHoldtime: 30,
          VgwInsideAddress: own,
          CgwInsideAddress: other,
        }).map(([output, value]) => [`tunnel${String(index + 1)}${output}`, value]);
      }),
    ),
    // Of AWS' document what tells the tunnels apart.
    customerGatewayConfiguration: `<vpn_connection>${tunnels
      .map(
        ({ address, presharedKey: key }) =>
          `<ipsec_tunnel><customer_gateway>${router.address}</customer_gateway><vpn_gateway>${address}</vpn_gateway><ike><pre_shared_key>${key}</pre_shared_key></ike></ipsec_tunnel>`,
      )
      .join("")}</vpn_connection>`,
  };
}
