import type { World } from "../../world/model";
import { objectsOf } from "../../world/world";
import { transitGatewaySite } from "./aws";
import { virtualNetworkGatewaySites } from "./azure";
import type { Site } from "./end";
import { haVpnSite } from "./google";

/** Every gateway whose tunnels a vendor has an end of. */
export function sitesOf(world: World): Site[] {
  return [
    ...objectsOf(world, "transitGateway").map((gateway) => transitGatewaySite(world, gateway)),
    ...objectsOf(world, "vpnGateway").map((gateway) => haVpnSite(world, gateway)),
    ...objectsOf(world, "virtualNetworkGateway").flatMap((gateway) =>
      virtualNetworkGatewaySites(world, gateway),
    ),
  ];
}
