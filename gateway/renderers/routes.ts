import { agentSeconds } from "../../fleet/routes";
import { hostOf, type PlannedEnd, type PlannedRegion } from "../../fleet/plan";
import type { GatewayFacts } from "../facts";
import type { GatewayView, TunnelView } from "../view";

/** `/etc/trunkline/routes.json`: what a gateway that moves its network's routes knows of them, and of the others. */
export function renderRoutes(
  { region, gateway, tunnels, partners }: GatewayView,
  facts: GatewayFacts,
): string {
  const { agent } = facts;
  if (agent === undefined) throw missing(region, "routes to move");
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
    ...(region.shared === undefined ? {} : { address: addressOf(region, tunnels, facts) }),
  };
  return `${JSON.stringify(wanted, undefined, 1)}\n`;
}

/** The address that moves with the routes, and the tunnels that its holder has. */
function addressOf(region: PlannedRegion, tunnels: readonly TunnelView[], { agent, self }: GatewayFacts) {
  if (agent?.address === undefined) throw missing(region, "address that its pair shares");
  const { allocation, privateAddresses } = agent.address;
  return {
    allocation,
    // The cloud tells the machine of one address by DHCP; the other is to stand beside it.
    beside: self.privateAddress,
    // In the order of `gateways`.
    privateAddresses: region.gateways.map(({ id }) => privateAddresses[id]),
    tunnels: tunnels.map(({ tunnel, self }) => ({
      id: tunnel.id,
      // Between two pairs whose addresses move, one calls; after a move of its own, the other does, too.
      calls: tunnel.ends[0].gateway === self.gateway || !tunnel.ends.every(isShared),
    })),
    firstSeconds: agentSeconds.first,
    unableSeconds: agentSeconds.unable,
  };
}

/** A pair's id is its region's name; a gateway's never is. */
function isShared({ gateway, region }: PlannedEnd): boolean {
  return gateway === region;
}

function missing({ name }: PlannedRegion, what: string): Error {
  return new Error(
    `The hand-over of region ${name} names no ${what}. Bring that stack up with this fleet file first.`,
  );
}
