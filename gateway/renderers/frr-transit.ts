import { hostOf } from "../../fleet/plan";
import type { GatewayView, TransitView } from "../view";

/**
 * The region's transit gateway: two speakers inside GRE, one hop further than a neighbour, since it takes and gives nothing
 * with another TTL than 2. It speaks no BFD; its timers are those that hold for the whole of bgpd.
 * @see AWS, "Connect attachments and Connect peers in AWS Transit Gateway": Requirements and considerations
 */
export function transitNeighbours({ transit }: GatewayView): string {
  return forEach(transit, ({ asn, inside }, address) => [
    ` neighbor ${address} remote-as ${String(asn)}`,
    ` neighbor ${address} description transit gateway`,
    ` neighbor ${address} ebgp-multihop 2`,
    ` neighbor ${address} update-source ${hostOf(inside)}`,
    ` neighbor ${address} timers connect 10`,
  ]);
}

/** It is told all that other regions told this gateway; of the network's own networks nobody needs to tell. */
export function transitPolicies({ transit }: GatewayView): string {
  return forEach(transit, (_, address) => [
    `  neighbor ${address} activate`,
    `  neighbor ${address} prefix-list none in`,
    `  neighbor ${address} prefix-list to-transit-gateway out`,
    `  neighbor ${address} route-map to-transit-gateway out`,
  ]);
}

/** Without communities and with one metric: whatever differs between two gateways would keep it from using both. */
export function transitPolicy({ region, transit }: GatewayView): string {
  if (transit === undefined) return "";
  const again = Array.from({ length: transit.prepend }, () => String(region.asn)).join(" ");
  return `route-map to-transit-gateway permit 10
 set large-community none
${again === "" ? "" : ` set as-path prepend ${again}\n`} set metric 0
exit
!
`;
}

function forEach(
  transit: TransitView | undefined,
  lines: (transit: TransitView, address: string) => readonly string[],
): string {
  if (transit === undefined) return "";
  return transit.speakers
    .flatMap((address) => lines(transit, address))
    .map((line) => `${line}\n`)
    .join("");
}
