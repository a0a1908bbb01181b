import { agentSeconds } from "../../fleet/routes";
import { hostOf } from "../../fleet/plan";
import type { GatewayFacts } from "../facts";
import type { GatewayView } from "../view";

/** `/etc/trunkline/routes.json`: what a gateway that moves its network's routes knows of them, and of the others. */
export function renderRoutes(
  { region, gateway, tunnels, partners }: GatewayView,
  facts: GatewayFacts,
): string {
  const { agent } = facts;
  if (agent === undefined)
    throw new Error(
      `The hand-over of region ${region.name} names no routes to move. Bring that stack up with this fleet file first.`,
    );
  const neighbourOf = (id: string) => partners.find(({ peer }) => peer.gateway === id)?.peer.inside;
  const wanted = {
    cloudRegion: agent.cloudRegion,
    place: region.gateways.findIndex(({ id }) => id === gateway.id),
    // In the order in which they are preferred.
    gateways: region.gateways.map(({ id }) => {
      const inside = neighbourOf(id);
      return {
        id,
        interface: agent.interfaces[id],
        neighbour: inside === undefined ? null : hostOf(inside),
      };
    }),
    remote: tunnels.map(({ peer }) => hostOf(peer.inside)),
    tables: agent.routeTables,
    destinations: region.routeService.announced,
    waitSeconds: agentSeconds.wait,
  };
  return `${JSON.stringify(wanted, undefined, 1)}\n`;
}
