import { z } from "zod";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import { group, location, name, tags, zones } from "../fields";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Network/publicIPAddresses";

/** A public address that is there from its creation on, of one zone or of all. */
export const publicIpAddress = azureType({
  token: "azure-native:network:PublicIPAddress",
  inputs: {
    resourceGroupName: group,
    publicIpAddressName: name(),
    location,
    tags,
    // Microsoft Learn, "Public IP addresses": Basic ones are retired.
    sku: z.strictObject({
      name: z.literal("Standard", "the lab has a stand-in for Standard addresses"),
      tier: z.literal("Regional", "the lab has no stand-in for the global tier").optional(),
    }),
    publicIPAllocationMethod: z.enum(["Static", "Dynamic"]),
    publicIPAddressVersion: z.literal("IPv4", "the lab has no stand-in for Azure's IPv6").optional(),
    zones,
  },
  replacedBy: [
    "resourceGroupName",
    "publicIpAddressName",
    "location",
    "sku",
    "zones",
    "publicIPAddressVersion",
  ],
  computed: [...computed, "ipAddress", "resourceGuid"],
  check: ({ publicIPAllocationMethod }): Problem[] =>
    publicIPAllocationMethod === "Static"
      ? []
      : [
          {
            property: "publicIPAllocationMethod",
            reason:
              "StandardSkuPublicIPAddressesMustBeStatic: Standard sku publicIp must have AllocationMethod set to Static.",
          },
        ],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.publicIpAddressName);
    const id = context.worldIdOf("publicAddress", path);
    const address = await context.inTurn("addresses", async () => {
      const before = await context.find("publicAddress", id);
      const found = before?.address ?? (await (await context.lab()).allocateAddress());
      await context.claim(
        before ?? {
          kind: "publicAddress",
          id,
          name: call.name,
          address: found,
          cloudRegion: placed(cloudRegion, given.zones),
        },
        call,
        path,
      );
      return found;
    });
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.publicIpAddressName, type),
        ipAddress: address,
        resourceGuid: "00000000-0000-0000-0000-000000000000",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("publicAddress", context.worldIdOf("publicAddress", path));
    return found === undefined ? undefined : { ipAddress: found.address };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    const id = context.worldIdOf("publicAddress", path);
    const world = await context.world();
    const user =
      objectsOf(world, "publicAddress").find((one) => one.id === id)?.interface ??
      objectsOf(world, "virtualNetworkGateway").find(({ instances }) =>
        instances.some(({ publicAddress }) => publicAddress === id),
      )?.id;
    if (user !== undefined)
      throw new Refusal(
        "PublicIPAddressCannotBeDeleted",
        `Public IP address ${path} can not be deleted since it is still allocated to resource ${user}.`,
      );
    await context.unmake("publicAddress", id);
  },
});

/** `westeurope/1` of one zone; of several, or none, `westeurope`. */
function placed(location: string, given: readonly string[] | undefined): string {
  return given?.length === 1 ? `${location}/${given[0] ?? ""}` : location;
}
