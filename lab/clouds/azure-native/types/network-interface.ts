import { createHash } from "node:crypto";
import { z } from "zod";
import { within } from "../../../world/address";
import type { Interface } from "../../../world/model";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Subscription } from "../context";
import { group, location, name, reference, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Network/networkInterfaces";

const inputs = {
  resourceGroupName: group,
  networkInterfaceName: name(),
  location,
  tags,
  enableIPForwarding: z.boolean().default(false),
  enableAcceleratedNetworking: z.boolean().optional(),
  networkSecurityGroup: reference,
  ipConfigurations: z
    .array(
      z.strictObject({
        name: name(),
        primary: z.boolean().optional(),
        subnet: reference,
        privateIPAddress: z.ipv4(),
        privateIPAllocationMethod: z.literal("Static", "the lab has a stand-in for static private addresses"),
        privateIPAddressVersion: z.literal("IPv4").optional(),
        publicIPAddress: reference.optional(),
      }),
    )
    .length(1, "the lab has a stand-in for one IP configuration of an interface"),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

export const networkInterface = azureType({
  token: "azure-native:network:NetworkInterface",
  inputs,
  replacedBy: ["resourceGroupName", "networkInterfaceName", "location"],
  computed: [...computed, "macAddress", "resourceGuid"],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.networkInterfaceName);
    const card = await cardOf(path, given, cloudRegion, call.name, context);
    await context.claim(card, call, path);
    await join(given, card, cloudRegion, context);
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.networkInterfaceName, type),
        macAddress: card.mac.replaceAll(":", "-").toUpperCase(),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
      },
    };
  },
  async read(path, _state, { context }) {
    const card = await context.find("interface", context.worldIdOf("interface", path));
    return card === undefined ? undefined : { enableIPForwarding: !card.sourceDestinationCheck };
  },
  async update(path, given, state, { context }) {
    if (JSON.stringify(given.ipConfigurations) !== JSON.stringify(state["ipConfigurations"]))
      throw new Refusal(
        "NoStandIn",
        "the lab has no stand-in for other addresses of an interface that is there",
      );
    const firewall = context.worldIdOf("firewall", given.networkSecurityGroup.id);
    await context.get("firewall", firewall);
    await context.change("interface", context.worldIdOf("interface", path), (card) => ({
      ...card,
      firewalls: [firewall],
      sourceDestinationCheck: !given.enableIPForwarding,
    }));
    return { ...given };
  },
  async remove(path, _state, { context }) {
    const id = context.worldIdOf("interface", path);
    const world = await context.world();
    if (objectsOf(world, "machine").some((machine) => machine.interface === id))
      throw new Refusal(
        "NicInUse",
        `Network Interface ${path} is used by existing resource. In order to delete the network interface, it must be dissociated from the resource.`,
      );
    for (const held of objectsOf(world, "publicAddress"))
      if (held.interface === id)
        await context.changeIfThere(
          "publicAddress",
          held.id,
          ({ kind, id: own, name: called, address, cloudRegion }) => ({
            ...{ kind, id: own, name: called, address },
            ...(cloudRegion === undefined ? {} : { cloudRegion }),
          }),
        );
    await context.unmake("interface", id);
  },
});

/** @throws Refusal for a subnet of another location, one that is a service's own, or an address outside of it */
async function cardOf(
  path: string,
  given: Given,
  cloudRegion: string,
  called: string,
  context: Subscription,
): Promise<Interface> {
  const [configuration] = given.ipConfigurations;
  if (configuration === undefined)
    throw new Refusal("InvalidRequestFormat", "An interface needs an IP configuration.");
  const place = context.refer(configuration.subnet.id);
  const subnet = await context.get("subnet", context.worldIdOf("subnet", configuration.subnet.id));
  if (subnet.zone !== cloudRegion)
    throw new Refusal(
      "InvalidResourceReference",
      `Resource ${configuration.subnet.id} referenced by resource ${path} is not in the location ${cloudRegion}.`,
    );
  const reserved = { RouteServerSubnet: "a Route Server's", GatewaySubnet: "a gateway's" };
  for (const [own, whose] of Object.entries(reserved))
    if (place.names.at(-1) === own)
      throw new Refusal(
        "SubnetIsReserved",
        `${own} is ${whose} own: no other resource can be deployed in it.`,
      );
  if (!within(configuration.privateIPAddress, subnet.cidr))
    throw new Refusal(
      "PrivateIPAddressNotInSubnet",
      `Private static IP address ${configuration.privateIPAddress} does not belong to the range of subnet prefix ${subnet.cidr}.`,
    );
  const firewall = context.worldIdOf("firewall", given.networkSecurityGroup.id);
  await context.get("firewall", firewall);
  return {
    kind: "interface",
    id: context.worldIdOf("interface", path),
    name: called,
    subnet: subnet.id,
    address: configuration.privateIPAddress,
    firewalls: [firewall],
    sourceDestinationCheck: !given.enableIPForwarding,
    mac: macOf(path),
  };
}

/** The public address that stands for the interface's. */
async function join(
  { ipConfigurations }: Given,
  card: Interface,
  cloudRegion: string,
  context: Subscription,
): Promise<void> {
  for (const { id: link } of ipConfigurations.flatMap(({ publicIPAddress }) => publicIPAddress ?? [])) {
    const held = await context.get("publicAddress", context.worldIdOf("publicAddress", link));
    if (held.cloudRegion?.split("/")[0] !== cloudRegion)
      throw new Refusal(
        "InvalidResourceReference",
        `Resource ${link} is not in the location ${cloudRegion}.`,
      );
    if (held.interface !== undefined && held.interface !== card.id)
      throw new Refusal(
        "PublicIPAddressInUse",
        `Resource ${card.id} is referencing public IP address ${link} that is already allocated to resource ${held.interface}.`,
      );
    await context.change("publicAddress", held.id, (object) => ({ ...object, interface: card.id }));
  }
}

/** Locally administered, unicast (IEEE 802): 02, then five bytes of the id's hash. */
function macOf(id: string): string {
  const bytes = createHash("sha256").update(id.toLowerCase()).digest().subarray(0, 5);
  return ["02", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
