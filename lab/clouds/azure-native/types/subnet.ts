import { z } from "zod";
import { prefixOf } from "../../../world/address";
import type { Problem } from "../../provider/resource";
import { cidr, group, name } from "../fields";
import { azureType, computed, stateOf } from "../type";
import { waysOf } from "../../provider/network-ways";
import { networkId } from "./virtual-network";

const type = "Microsoft.Network/virtualNetworks/subnets";

export const subnet = azureType({
  token: "azure-native:network:Subnet",
  inputs: {
    resourceGroupName: group,
    virtualNetworkName: z.string(),
    subnetName: name(),
    addressPrefix: cidr,
    defaultOutboundAccess: z.literal(
      false,
      "the lab has no stand-in for default outbound access: a machine has the addresses that it is given",
    ),
    // The SDK's own defaults.
    privateEndpointNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
    privateLinkServiceNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
  },
  replacedBy: ["resourceGroupName", "virtualNetworkName", "subnetName", "addressPrefix"],
  computed,
  check: ({ addressPrefix }): Problem[] =>
    prefixOf(addressPrefix) > 29
      ? [
          {
            property: "addressPrefix",
            reason: `InvalidCIDRNotation: '${addressPrefix}': the smallest subnet is a /29`,
          },
        ]
      : [],
  async create(given, call) {
    const { context } = call;
    const network = networkId(given.resourceGroupName, given.virtualNetworkName);
    await context.get("network", network);
    const path = context.resourceId(
      given.resourceGroupName,
      `Microsoft.Network/virtualNetworks/${given.virtualNetworkName}/subnets`,
      given.subnetName,
    );
    await context.claim(
      {
        kind: "subnet",
        id: context.worldIdOf("subnet", path),
        name: call.name,
        network,
        zone: (await context.get("network", network)).cloudRegion,
        cidr: given.addressPrefix,
        routeTable: waysOf(network).table,
      },
      call,
      path,
    );
    return { id: path, outputs: { ...given, ...stateOf(given.subnetName, type) } };
  },
  async read(path, _state, { context }) {
    const found = await context.find("subnet", context.worldIdOf("subnet", path));
    return found === undefined ? undefined : { addressPrefix: found.cidr };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    await context.unmake("subnet", context.worldIdOf("subnet", path));
  },
});
