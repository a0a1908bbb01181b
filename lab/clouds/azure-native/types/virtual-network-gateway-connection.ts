import { z } from "zod";
import type { GatewayConnection, VirtualNetworkGateway } from "../../../world/virtual-network-gateway";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Subscription } from "../context";
import { group, location, name, reference, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Network/connections";

/**
 * Every field must stand.
 * @see Microsoft Learn, "Configure custom IPsec/IKE connection policies for S2S VPN and VNet-to-VNet"
 * @see Azure REST API reference, "Virtual Network Gateway Connections - Create Or Update", IpsecPolicy
 */
const policy = z.strictObject({
  ikeEncryption: z.enum(["DES", "DES3", "AES128", "AES192", "AES256", "GCMAES256", "GCMAES128"]),
  ikeIntegrity: z.enum(["MD5", "SHA1", "SHA256", "SHA384", "GCMAES256", "GCMAES128"]),
  dhGroup: z.enum([
    ...(["None", "DHGroup1", "DHGroup2", "DHGroup14", "DHGroup2048", "ECP256", "ECP384"] as const),
    "DHGroup24",
  ]),
  ipsecEncryption: z.enum([
    ...(["None", "DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES192"] as const),
    "GCMAES256",
  ]),
  ipsecIntegrity: z.enum(["MD5", "SHA1", "SHA256", "GCMAES128", "GCMAES192", "GCMAES256"]),
  pfsGroup: z.enum([
    ...(["None", "PFS1", "PFS2", "PFS2048", "ECP256", "ECP384", "PFS24", "PFS14"] as const),
    "PFSMM",
  ]),
  saLifeTimeSeconds: z.int().min(300, "must be 300 or more"),
  saDataSizeKilobytes: z.int().min(1024, "must be 1024 or more"),
});

const inputs = {
  resourceGroupName: group,
  virtualNetworkGatewayConnectionName: name(),
  location,
  tags,
  connectionType: z.literal("IPsec", "the lab has a stand-in for site-to-site connections"),
  connectionProtocol: z.literal("IKEv2", "the lab has no stand-in for IKEv1"),
  // Microsoft Learn, "About VPN Gateway configuration settings", Connection mode.
  connectionMode: z.literal("ResponderOnly", "the lab has no stand-in for connections that Azure opens"),
  virtualNetworkGateway1: reference,
  localNetworkGateway2: reference,
  enableBgp: z.literal(true, "the lab has no stand-in for static routes"),
  gatewayCustomBgpIpAddresses: z.array(
    z.strictObject({ customBgpIpAddress: z.ipv4(), ipConfigurationId: z.string() }),
  ),
  ipsecPolicies: z
    .array(policy)
    .length(1, "a connection has one policy: without it Azure takes all that it has, which has no stand-in"),
  usePolicyBasedTrafficSelectors: z
    .literal(false, "the lab has no stand-in for policy-based traffic selectors")
    .optional(),
  dpdTimeoutSeconds: z.int().min(9, "must be 9 to 3600").max(3600, "must be 9 to 3600"),
  // "VPN Gateway FAQ": printable ASCII, except space, hyphen and tilde; 128 characters at most.
  sharedKey: z
    .string()
    .regex(
      /^[!-,./0-9:-}]{1,128}$/,
      "InvalidSharedKey: not of the characters, or the length, that are allowed",
    ),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** A connection of a VPN gateway with a local network gateway: a tunnel from each instance. Azure tells nobody its key. */
export const virtualNetworkGatewayConnection = azureType({
  token: "azure-native:network:VirtualNetworkGatewayConnection",
  inputs,
  replacedBy: [
    ...(["resourceGroupName", "virtualNetworkGatewayConnectionName", "location", "connectionType"] as const),
    ...(["connectionProtocol", "virtualNetworkGateway1", "localNetworkGateway2"] as const),
  ],
  computed: [
    ...[...computed, "resourceGuid", "etag", "connectionStatus", "egressBytesTransferred"],
    ...["ingressBytesTransferred", "tunnelConnectionStatus"],
  ],
  check: ({ ipsecPolicies }): Problem[] =>
    ipsecPolicies.flatMap(({ ipsecEncryption, ipsecIntegrity }) => {
      const gcm = [ipsecEncryption, ipsecIntegrity].some((word) => word.startsWith("GCM"));
      return gcm && ipsecEncryption !== ipsecIntegrity
        ? [
            {
              property: "ipsecPolicies",
              reason: `InvalidIpsecPolicy: GCMAES must be the same for IPsec encryption and integrity, and they are ${ipsecEncryption} and ${ipsecIntegrity}`,
            },
          ]
        : [];
    }),
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.virtualNetworkGatewayConnectionName);
    await context.claim(await connectionOf(path, call.name, given, context), call, path);
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.virtualNetworkGatewayConnectionName, type),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
        etag: "",
        connectionStatus: "Unknown",
        egressBytesTransferred: 0,
        ingressBytesTransferred: 0,
        tunnelConnectionStatus: [],
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("gatewayConnection", context.worldIdOf("gatewayConnection", path));
    return found === undefined ? undefined : { dpdTimeoutSeconds: found.dpdTimeoutSeconds };
  },
  async update(path, given, _state, { context }) {
    const id = context.worldIdOf("gatewayConnection", path);
    const { name: called } = await context.get("gatewayConnection", id);
    const wanted = await connectionOf(path, called, given, context);
    await context.change("gatewayConnection", id, () => wanted);
    return { ...given };
  },
  async remove(path, _state, { context }) {
    await context.unmake("gatewayConnection", context.worldIdOf("gatewayConnection", path));
  },
});

async function connectionOf(
  path: string,
  called: string,
  given: Given,
  context: Subscription,
): Promise<GatewayConnection> {
  const gateway = context.worldIdOf("virtualNetworkGateway", given.virtualNetworkGateway1.id);
  const peer = context.worldIdOf("localNetworkGateway", given.localNetworkGateway2.id);
  checkInsides(await context.get("virtualNetworkGateway", gateway), given);
  await context.get("localNetworkGateway", peer);
  const [words] = given.ipsecPolicies;
  if (words === undefined) throw new Refusal("InvalidIpsecPolicy", "A connection needs a policy.");
  const { ikeEncryption, ikeIntegrity, dhGroup } = words;
  const { ipsecEncryption, ipsecIntegrity, pfsGroup, saLifeTimeSeconds } = words;
  return {
    kind: "gatewayConnection",
    id: context.worldIdOf("gatewayConnection", path),
    name: called,
    gateway,
    peer,
    presharedKey: given.sharedKey,
    policy: {
      ...{ ikeEncryption, ikeIntegrity, dhGroup },
      ...{ ipsecEncryption, ipsecIntegrity, pfsGroup, saLifeTimeSeconds },
    },
    dpdTimeoutSeconds: given.dpdTimeoutSeconds,
  };
}

/** @throws Refusal where the connection does not say which of each instance's addresses BGP speaks from */
function checkInsides({ instances }: VirtualNetworkGateway, given: Given): void {
  const wanted = instances.map(({ inside }) => inside).sort();
  const said = given.gatewayCustomBgpIpAddresses.map(({ customBgpIpAddress }) => customBgpIpAddress).sort();
  const own = `${given.virtualNetworkGateway1.id}/ipConfigurations/`.toLowerCase();
  if (
    JSON.stringify(wanted) !== JSON.stringify(said) ||
    !given.gatewayCustomBgpIpAddresses.every(({ ipConfigurationId }) =>
      ipConfigurationId.toLowerCase().startsWith(own),
    )
  )
    throw new Refusal(
      "InvalidGatewayCustomBgpIpAddresses",
      `A connection must name one custom BGP address of each instance of its gateway: ${wanted.join(", ")}.`,
    );
}
