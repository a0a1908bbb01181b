import { Refusal } from "../../provider/refusal";
import { group, location, tags } from "../fields";
import { groupId, groupOf } from "../id";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Resources/resourceGroups";

export const resourceGroup = azureType({
  token: "azure-native:resources:ResourceGroup",
  inputs: { resourceGroupName: group, location, tags },
  replacedBy: ["resourceGroupName", "location"],
  computed,
  async create(given, call) {
    const { context } = call;
    const cloudRegion = context.locationOf(given.location);
    const id = `/subscriptions/${context.id}/resourceGroups/${given.resourceGroupName}`;
    await context.claim(
      { kind: "resourceGroup", id: groupId(given.resourceGroupName), name: call.name, cloudRegion },
      call,
      id,
    );
    return { id, outputs: { ...given, location: cloudRegion, ...stateOf(given.resourceGroupName, type) } };
  },
  async read(id, _state, { context }) {
    const found = await context.find("resourceGroup", groupId(nameIn(id)));
    return found === undefined ? undefined : { location: found.cloudRegion };
  },
  async update(_id, given) {
    return Promise.resolve({ ...given });
  },
  async remove(id, _state, { context }) {
    const group = nameIn(id).toLowerCase();
    // Azure would take all of it along (Microsoft Learn, "Azure Resource Manager resource group and resource deletion").
    if (Object.keys((await context.world()).objects).some((object) => groupOf(object) === group))
      throw new Refusal(
        "NoStandIn",
        `the lab has no stand-in for the deletion of a group that holds something: ${group}`,
      );
    await context.unmake("resourceGroup", groupId(group));
  },
});

function nameIn(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
