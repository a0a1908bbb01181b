import { z } from "zod";
import { objectsOf } from "../../world/world";
import type { CloudFunction } from "../provider/provider";
import { Refusal } from "../provider/refusal";
import type { Subscription } from "./context";
import { worldId } from "./id";
import { hubType } from "./types/virtual-hub";

const args = z.strictObject({ resourceGroupName: z.string(), virtualHubName: z.string() });

/** A Route Server as it is now: its instances have addresses once it has an IP configuration. */
export const getVirtualHub: CloudFunction<Subscription> = {
  token: "azure-native:network:getVirtualHub",
  async invoke(given, context) {
    const { resourceGroupName, virtualHubName } = args.parse(given);
    const id = worldId("routeService", { group: resourceGroupName, names: [virtualHubName] });
    const world = await context.world();
    const hub = await context.find("routeService", id);
    const path = context.resourceId(resourceGroupName, hubType, virtualHubName);
    if (hub === undefined) throw new Refusal("ResourceNotFound", `The Resource '${path}' was not found.`);
    const instances = objectsOf(world, "routeServiceEndpoint").filter(
      ({ routeService }) => routeService === id,
    );
    return {
      id: path,
      name: virtualHubName,
      type: hubType,
      virtualRouterAsn: hub.asn,
      // In an order that nobody promises.
      virtualRouterIps: instances
        .map(({ address }) => address)
        .sort()
        .reverse(),
      routingState: "Provisioned",
      provisioningState: "Succeeded",
    };
  },
};
