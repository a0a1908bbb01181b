import { z } from "zod";
import { group, location, name, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";

export const hubType = "Microsoft.Network/virtualHubs";

/** Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)": of every Route Server. */
export const routeServerAsn = 65515;

/** A Route Server: a virtual hub without a virtual WAN. */
export const virtualHub = azureType({
  token: "azure-native:network:VirtualHub",
  inputs: {
    resourceGroupName: group,
    virtualHubName: name(),
    location,
    tags,
    sku: z.literal("Standard", "a Route Server is of the SKU Standard").optional(),
    allowBranchToBranchTraffic: z
      .literal(false, "the lab has no stand-in for traffic between branches")
      .optional(),
  },
  replacedBy: ["resourceGroupName", "virtualHubName", "location", "sku"],
  computed: [...computed, "virtualRouterAsn", "virtualRouterIps", "routingState", "kind"],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, hubType, given.virtualHubName);
    const id = context.worldIdOf("routeService", path);
    const before = await context.find("routeService", id);
    await context.claim(
      before ?? { kind: "routeService", id, name: call.name, asn: routeServerAsn },
      call,
      path,
    );
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.virtualHubName, hubType),
        kind: "RouteServer",
        virtualRouterAsn: routeServerAsn,
        // It has none before it has an IP configuration.
        virtualRouterIps: [],
        routingState: "None",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("routeService", context.worldIdOf("routeService", path));
    return found === undefined ? undefined : { virtualRouterAsn: found.asn };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    await context.unmake("routeService", context.worldIdOf("routeService", path));
  },
});
