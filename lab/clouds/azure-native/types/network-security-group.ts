import { group, location, name, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Network/networkSecurityGroups";

/**
 * A network security group. Of its default rules it has the one that lets all out; what the others would admit, from the
 * virtual network and from load balancers, is refused here.
 * @see Microsoft Learn, "Azure network security groups overview", Default security rules
 */
export const networkSecurityGroup = azureType({
  token: "azure-native:network:NetworkSecurityGroup",
  inputs: { resourceGroupName: group, networkSecurityGroupName: name(), location, tags },
  replacedBy: ["resourceGroupName", "networkSecurityGroupName", "location"],
  computed: [...computed, "resourceGuid"],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.networkSecurityGroupName);
    const id = context.worldIdOf("firewall", path);
    const before = await context.find("firewall", id);
    await context.claim(
      before ?? {
        kind: "firewall",
        id,
        name: call.name,
        rules: [{ id: "AllowOutBound", direction: "egress", protocol: "all", peer: { cidr: "0.0.0.0/0" } }],
      },
      call,
      path,
    );
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.networkSecurityGroupName, type),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
      },
    };
  },
  async read(path, state, { context }) {
    return (await context.find("firewall", context.worldIdOf("firewall", path))) === undefined
      ? undefined
      : state;
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    await context.unmake("firewall", context.worldIdOf("firewall", path));
  },
});
