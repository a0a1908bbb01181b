import { z } from "zod";
import { objectsOf } from "../../world/world";
import type { CloudFunction } from "../provider/provider";
import { Refusal } from "../provider/refusal";
import type { Subscription } from "./context";
import { placeIn, worldId } from "./id";

const networkType = "Microsoft.Network/virtualNetworks";
const inNetwork = { resourceGroupName: z.string(), virtualNetworkName: z.string() };

/** @see Azure REST API reference, "Virtual Networks - Get"; errors as Azure Resource Manager words them */
export const getVirtualNetwork: CloudFunction<Subscription> = {
  token: "azure-native:network:getVirtualNetwork",
  async invoke(given, context) {
    const { resourceGroupName, virtualNetworkName } = z.strictObject(inNetwork).parse(given);
    const network = await networkOf(resourceGroupName, virtualNetworkName, context);
    return {
      id: context.resourceId(resourceGroupName, networkType, virtualNetworkName),
      name: virtualNetworkName,
      type: networkType,
      location: network.cloudRegion,
      addressSpace: { addressPrefixes: [...network.cidrs] },
      enableDdosProtection: false,
      provisioningState: "Succeeded",
    };
  },
};

/**
 * A subnet as it is now. It has neither a security group, a route table, a NAT gateway nor a delegation: the lab has no
 * stand-in for these, and an answer leaves out what is not there.
 * @see Azure REST API reference, "Subnets - Get"
 */
export const getSubnet: CloudFunction<Subscription> = {
  token: "azure-native:network:getSubnet",
  async invoke(given, context) {
    const { resourceGroupName, virtualNetworkName, subnetName } = z
      .strictObject({ ...inNetwork, subnetName: z.string() })
      .parse(given);
    const network = await networkOf(resourceGroupName, virtualNetworkName, context);
    const id = worldId("subnet", { group: resourceGroupName, names: [virtualNetworkName, subnetName] });
    const subnet = await context.find("subnet", id);
    const path = `${context.resourceId(resourceGroupName, networkType, virtualNetworkName)}/subnets/${subnetName}`;
    if (subnet?.network !== network.id) throw new Refusal("NotFound", `Resource ${path} not found.`);
    return {
      id: path,
      name: subnetName,
      type: `${networkType}/subnets`,
      addressPrefix: subnet.cidr,
      ipConfigurations: await usersOf(id, context),
      privateEndpointNetworkPolicies: "Disabled",
      provisioningState: "Succeeded",
    };
  },
};

async function networkOf(group: string, name: string, context: Subscription) {
  await context.inGroup(group);
  const found = await context.find("network", worldId("network", { group, names: [name] }));
  if (found === undefined)
    throw new Refusal(
      "ResourceNotFound",
      `The Resource '${networkType}/${name}' under resource group '${group}' was not found.`,
    );
  return found;
}

/** Of interfaces and of Route Servers; what their configurations are called the world does not keep. */
async function usersOf(subnet: string, context: Subscription): Promise<readonly { readonly id: string }[]> {
  const world = await context.world();
  const cards = objectsOf(world, "interface").filter((card) => card.subnet === subnet);
  const hubs = objectsOf(world, "routeServiceEndpoint")
    .filter((instance) => instance.subnet === subnet)
    .map(({ routeService }) => routeService);
  return [
    ...cards.map(({ id }) => ["networkInterfaces", id] as const),
    ...[...new Set(hubs)].map((id) => ["virtualHubs", id] as const),
  ].map(([type, id]) => {
    const { group, names } = placeIn(id);
    return {
      id: `${context.resourceId(group, `Microsoft.Network/${type}`, names.join("/"))}/ipConfigurations/ipconfig`,
    };
  });
}
