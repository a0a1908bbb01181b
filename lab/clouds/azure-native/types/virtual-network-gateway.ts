import { z } from "zod";
import { prefixOf, within } from "../../../world/address";
import type { VirtualNetworkGateway } from "../../../world/virtual-network-gateway";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Subscription } from "../context";
import { group, location, name, reference, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";
import { vpnAsn } from "../vpn-asn";

const type = "Microsoft.Network/virtualNetworkGateways";

/** Microsoft Learn, "About VPN Gateway configuration settings", Gateway subnet. */
const home = { name: "GatewaySubnet", longest: 27 };

/** The same page, Gateway SKUs by tunnel, connection, and throughput: S2S/VNet-to-VNet tunnels. */
const skus = { VpnGw1AZ: 30, VpnGw2AZ: 30, VpnGw3AZ: 30, VpnGw4AZ: 100, VpnGw5AZ: 100 } as const;
const sku = z.enum(Object.keys(skus) as [keyof typeof skus, ...(keyof typeof skus)[]], {
  error: "the lab has a stand-in for VpnGw1AZ to VpnGw5AZ: others have no BGP, or lie in no zone",
});

/** "How to configure BGP on Azure VPN Gateways", Azure APIPA BGP IP address. */
const apipa = z
  .ipv4()
  .refine(
    (address) => ["169.254.21.0/24", "169.254.22.0/24"].some((net) => within(address, net)),
    "must be within 169.254.21.0 to 169.254.22.255",
  );

const inputs = {
  resourceGroupName: group,
  virtualNetworkGatewayName: name(),
  location,
  tags,
  gatewayType: z.literal("Vpn", "the lab has no stand-in for ExpressRoute"),
  vpnType: z.literal("RouteBased", "the lab has no stand-in for policy-based gateways, which have no BGP"),
  sku: z.strictObject({ name: sku, tier: sku }),
  activeActive: z.literal(true, "the lab has no stand-in for active-standby"),
  enableBgp: z.literal(true, "the lab has no stand-in for static routes"),
  ipConfigurations: z
    .array(
      z.strictObject({
        name: name(),
        privateIPAllocationMethod: z.literal("Dynamic").optional(),
        subnet: reference,
        publicIPAddress: reference,
      }),
    )
    .length(2, "an active-active VPN gateway needs two IP configurations"),
  bgpSettings: z.strictObject({
    asn: vpnAsn,
    bgpPeeringAddresses: z
      .array(
        z.strictObject({
          ipconfigurationId: z.string(),
          customBgpIpAddresses: z
            .array(apipa)
            .length(1, "the lab has a stand-in for one custom BGP address of an instance"),
        }),
      )
      .length(2, "the lab has a stand-in for custom BGP addresses of both instances"),
  }),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** A VPN gateway, active-active. Of what Azure makes in its subnet, nothing is in the lab. */
export const virtualNetworkGateway = azureType({
  token: "azure-native:network:VirtualNetworkGateway",
  inputs,
  replacedBy: ["resourceGroupName", "virtualNetworkGatewayName", "location", "gatewayType", "vpnType"],
  computed: [...computed, "resourceGuid", "inboundDnsForwardingEndpoint", "etag"],
  check: ({ sku: given }): Problem[] =>
    given.name === given.tier
      ? []
      : [{ property: "sku", reason: `InvalidSku: name ${given.name} and tier ${given.tier} differ` }],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.virtualNetworkGatewayName);
    await context.claim(await gatewayOf(path, call.name, given, context), call, path);
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.virtualNetworkGatewayName, type),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
        inboundDnsForwardingEndpoint: "",
        etag: "",
      },
    };
  },
  async read(path, state, { context }) {
    const found = await context.find(
      "virtualNetworkGateway",
      context.worldIdOf("virtualNetworkGateway", path),
    );
    return found === undefined ? undefined : state;
  },
  async update(path, given, _state, { context }) {
    const id = context.worldIdOf("virtualNetworkGateway", path);
    const { name: called } = await context.get("virtualNetworkGateway", id);
    const wanted = await gatewayOf(path, called, given, context);
    await context.change("virtualNetworkGateway", id, () => wanted);
    return { ...given };
  },
  async remove(path, _state, { context }) {
    await context.unmake("virtualNetworkGateway", context.worldIdOf("virtualNetworkGateway", path));
  },
});

/** @throws Refusal for a subnet of another name or size, or addresses that are of no configuration of its own */
async function gatewayOf(
  path: string,
  called: string,
  given: Given,
  context: Subscription,
): Promise<VirtualNetworkGateway> {
  const subnets = new Set(given.ipConfigurations.map(({ subnet }) => context.worldIdOf("subnet", subnet.id)));
  const [subnet = "", ...others] = subnets;
  if (others.length > 0)
    throw new Refusal("InvalidGatewaySubnet", "All IP configurations must be of one GatewaySubnet.");
  const place = context.refer(given.ipConfigurations[0]?.subnet.id);
  const { cidr } = await context.get("subnet", subnet);
  if (place.names.at(-1) !== home.name)
    throw new Refusal(
      "VirtualNetworkGatewaySubnetNotValid",
      `A virtual network gateway can be deployed only in a subnet named ${home.name}.`,
    );
  if (prefixOf(cidr) > home.longest)
    throw new Refusal("GatewaySubnetTooSmall", `${home.name} must be a /${String(home.longest)} or larger.`);
  const instances = [];
  for (const { name: configuration, publicIPAddress } of given.ipConfigurations) {
    const publicAddress = context.worldIdOf("publicAddress", publicIPAddress.id);
    await context.get("publicAddress", publicAddress);
    const wanted = `${path}/ipConfigurations/${configuration}`.toLowerCase();
    const inside = given.bgpSettings.bgpPeeringAddresses.find(
      ({ ipconfigurationId }) => ipconfigurationId.toLowerCase() === wanted,
    )?.customBgpIpAddresses[0];
    if (inside === undefined)
      throw new Refusal(
        "InvalidBgpPeeringAddresses",
        `The IP configuration ${wanted} has no custom BGP address, or another gateway's id is given.`,
      );
    instances.push({ publicAddress, inside });
  }
  return {
    kind: "virtualNetworkGateway",
    id: context.worldIdOf("virtualNetworkGateway", path),
    name: called,
    subnet,
    asn: given.bgpSettings.asn,
    mostConnections: skus[given.sku.name],
    instances,
  };
}
