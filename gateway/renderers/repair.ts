import { rulesOf } from "../../fleet/clouds";
import { halvesOf } from "../../fleet/halves";
import { hostOf } from "../../fleet/plan";
import type { GatewayView } from "../view";

/**
 * Whether the survivor of a pair tells halves: where the route service has no BFD, it would go on sending to a gateway that
 * is gone until its hold time is over.
 */
export function repairs({ region, partners }: GatewayView): boolean {
  return region.routeService.kind === "service" && !rulesOf(region.cloud).session.bfd && partners.length > 0;
}

/** Both halves of each network that the route service is told of, by the network; a /32 has none. */
export function repairHalves(view: GatewayView): Readonly<Record<string, readonly string[]>> {
  return repairs(view)
    ? Object.fromEntries(
        view.serviceTold.flatMap((network) => {
          const halves = halvesOf(network);
          return halves.length === 0 ? [] : [[network, halves]];
        }),
      )
    : {};
}

/** `/etc/trunkline/repair.json`: what `trunkline-gateway repair` knows of networks and of partners. */
export function renderRepair(view: GatewayView): string {
  const wanted = {
    asn: view.region.asn,
    partners: view.partners.map(({ peer }) => hostOf(peer.inside)),
    halves: repairHalves(view),
  };
  return `${JSON.stringify(wanted, undefined, 1)}\n`;
}
