import { z } from "zod";
import { overlap, prefixOf } from "../../../world/address";
import { makeWays, unmakeWays } from "../../provider/network-ways";
import type { Problem } from "../../provider/resource";
import { cidr, group, location, name, tags } from "../fields";
import { worldId } from "../id";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Network/virtualNetworks";

/** Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)", What address ranges can I use. */
const reserved = ["224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32"];

/** Microsoft Learn, "TCP/IP performance tuning for Azure VMs": what virtual machines have by default. */
const mtu = 1500;

/** A virtual network comes with its way to the internet, and with routes that are every interface's. */
export const virtualNetwork = azureType({
  token: "azure-native:network:VirtualNetwork",
  inputs: {
    resourceGroupName: group,
    virtualNetworkName: name(2, 64),
    location,
    tags,
    addressSpace: z.strictObject({ addressPrefixes: z.array(cidr).min(1) }),
    // The SDK's own defaults.
    enableDdosProtection: z.literal(false, "the lab has no stand-in for DDoS protection").optional(),
    enableVmProtection: z.literal(false, "the lab has no stand-in for VM protection").optional(),
  },
  replacedBy: ["resourceGroupName", "virtualNetworkName", "location"],
  computed: [...computed, "resourceGuid"],
  check: ({ addressSpace: { addressPrefixes } }): Problem[] =>
    addressPrefixes.flatMap((prefix, index) => [
      ...reserved
        .filter((block) => overlap(block, prefix))
        .map((block) => ({
          property: "addressSpace",
          reason: `InvalidAddressPrefix: '${prefix}' overlaps ${block}, which is reserved`,
        })),
      ...(addressPrefixes.slice(0, index).some((other) => overlap(other, prefix))
        ? [
            {
              property: "addressSpace",
              reason: `AddressPrefixesOverlap: '${prefix}' overlaps another prefix`,
            },
          ]
        : []),
      ...(prefixOf(prefix) > 29
        ? [{ property: "addressSpace", reason: `InvalidCIDRNotation: '${prefix}' is smaller than a /29` }]
        : []),
    ]),
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.virtualNetworkName);
    const id = context.worldIdOf("network", path);
    await context.claim(
      {
        kind: "network",
        id,
        name: call.name,
        cloud: "azure",
        cloudRegion,
        cidrs: given.addressSpace.addressPrefixes,
        mtu,
      },
      call,
      path,
    );
    await makeWays(context, id, call.name);
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.virtualNetworkName, type),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("network", context.worldIdOf("network", path));
    return found === undefined ? undefined : { addressSpace: { addressPrefixes: [...found.cidrs] } };
  },
  async update(path, given, _state, { context }) {
    await context.change("network", context.worldIdOf("network", path), (network) => ({
      ...network,
      cidrs: given.addressSpace.addressPrefixes,
    }));
    return { ...given };
  },
  async remove(path, _state, { context }) {
    const id = context.worldIdOf("network", path);
    await unmakeWays(context, id);
    await context.unmake("network", id);
  },
});

/** Of a network by its name. */
export function networkId(group: string, network: string): string {
  return worldId("network", { group, names: [network] });
}
