import { createHash } from "node:crypto";
import { z } from "zod";
import { prefixOf, usableAddresses } from "../../../world/address";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Subscription } from "../context";
import { group, name, reference } from "../fields";
import { worldId } from "../id";
import { azureType, computed, stateOf } from "../type";
import { waysOf } from "../../provider/network-ways";

/** Microsoft Learn, "Quickstart: Create an Azure Route Server using Azure portal". */
const home = { name: "RouteServerSubnet", longest: 26 };
/** Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)": each peer speaks with both. */
const instances = 2;

const inputs = {
  resourceGroupName: group,
  virtualHubName: z.string(),
  ipConfigName: name(),
  subnet: z.strictObject({
    id: z.string(),
    // The SDK's own defaults.
    privateEndpointNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
    privateLinkServiceNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
  }),
  publicIPAddress: reference,
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** What gives a Route Server its place: two instances in its subnet, and the network's interfaces their routes from it. */
export const virtualHubIpConfiguration = azureType({
  token: "azure-native:network:VirtualHubIpConfiguration",
  inputs,
  replacedBy: "all",
  computed,
  async create(given, call) {
    const { context } = call;
    const hub = worldId("routeService", { group: given.resourceGroupName, names: [given.virtualHubName] });
    await context.get("routeService", hub);
    const { network, addresses, subnet } = await placeFor(hub, given, context);
    await context.change("routeService", hub, (service) => ({ ...service, network }));
    for (const [index, address] of addresses.entries())
      await context.make({
        kind: "routeServiceEndpoint",
        id: instanceId(hub, index),
        name: `${call.name}-${String(index)}`,
        routeService: hub,
        subnet,
        address,
      });
    await context.change("routeTable", waysOf(network).table, (table) => ({
      ...table,
      propagatedFrom: [hub],
    }));
    return {
      id: context.resourceId(
        given.resourceGroupName,
        `Microsoft.Network/virtualHubs/${given.virtualHubName}/ipConfigurations`,
        given.ipConfigName,
      ),
      outputs: { ...given, ...stateOf(given.ipConfigName, "Microsoft.Network/virtualHubs/ipConfigurations") },
    };
  },
  async read(_path, state, { context }) {
    const found = await context.find("routeServiceEndpoint", instanceId(hubOf(state), 0));
    return found === undefined ? undefined : state;
  },
  async remove(_path, state, { context }) {
    const hub = hubOf(state);
    const { network } = (await context.find("routeService", hub)) ?? {};
    if (network !== undefined)
      await context.changeIfThere("routeTable", waysOf(network).table, (table) => ({
        ...table,
        propagatedFrom: [],
      }));
    for (let index = 0; index < instances; index += 1)
      await context.unmake("routeServiceEndpoint", instanceId(hub, index));
    await context.changeIfThere("routeService", hub, ({ kind, id, name: called, asn }) => ({
      kind,
      id,
      name: called,
      asn,
    }));
  },
});

/** Of a Route Server's instances. FRR's daemons have sockets by it: no dots, and short. */
export function instanceId(hub: string, index: number): string {
  return `instance-${createHash("sha256").update(hub).digest("hex").slice(0, 12)}-${String(index)}`;
}

function hubOf(state: unknown): string {
  const { resourceGroupName, virtualHubName } = z
    .object({ resourceGroupName: z.string(), virtualHubName: z.string() })
    .parse(state);
  return worldId("routeService", { group: resourceGroupName, names: [virtualHubName] });
}

/** @throws Refusal for a subnet of another name or size, one of a network that has a Route Server, or an address in use */
async function placeFor(hub: string, given: Given, context: Subscription) {
  const place = context.refer(given.subnet.id);
  const subnet = await context.get("subnet", context.worldIdOf("subnet", given.subnet.id));
  if (place.names.at(-1) !== home.name)
    throw new Refusal(
      "VirtualHubIpConfigurationSubnetNotValid",
      `A Route Server can be deployed only in a subnet named ${home.name}.`,
    );
  if (prefixOf(subnet.cidr) > home.longest)
    throw new Refusal(
      "VirtualHubIpConfigurationSubnetTooSmall",
      `${home.name} must be a /${String(home.longest)} or larger.`,
    );
  const world = await context.world();
  const other = objectsOf(world, "routeService").find(
    ({ id, network }) => network === subnet.network && id !== hub,
  );
  if (other !== undefined)
    throw new Refusal(
      "VirtualNetworkAlreadyHasRouteServer",
      "Only one Route Server can be created in a virtual network.",
    );
  const address = await context.get(
    "publicAddress",
    context.worldIdOf("publicAddress", given.publicIPAddress.id),
  );
  if (address.interface !== undefined)
    throw new Refusal(
      "PublicIPAddressInUse",
      `${given.publicIPAddress.id} is already allocated to another resource.`,
    );
  const usable = [...usableAddresses(subnet.cidr, "azure")];
  return { network: subnet.network, subnet: subnet.id, addresses: usable.slice(0, instances) };
}
