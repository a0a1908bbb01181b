import type { GatewayView } from "../view";
import { serviceAggregator, servicePath } from "./frr-route-service";

/**
 * Aggregates towards the cloud's route service: FRR makes one while it knows a network that the prefix stands for, and
 * withdraws it with the last. Only a gateway that heard such a network over a tunnel of its own shall tell of it: what
 * the partner alone has a way to goes to the partner. So a network is marked as it comes in, the aggregate carries the
 * marks of all its networks together, and the way out asks for the gateway's own mark.
 * @see FRR documentation, "BGP", "Route Aggregation", "BGP Large Communities Attribute"
 */
export function aggregateAddresses({ aggregates }: GatewayView): string {
  return aggregates.map((prefix) => `  aggregate-address ${prefix} as-set route-map aggregate\n`).join("");
}

/**
 * The same with and without aggregates, so that a release that brings the first changes lists alone. A reload adds what
 * is new to `router bgp` before it makes a new route-map, and one that is not there yet denies: neighbours would lose
 * their routes for seconds, and bgpd dies of an aggregate that its route-map denies (FRR 10.3, bgp_aggregate_install).
 */
export function aggregatePolicies(view: GatewayView): string {
  const med = String(view.gateway.med);
  // An aggregate has the communities of all its networks: NO_EXPORT of one that the partner told would hold it back.
  return `bgp large-community-list standard heard-here seq 5 permit ${mark(view)}
!
route-map aggregate permit 10
 set community none
exit
!
route-map from-tunnel permit 10
 set large-community ${mark(view)}
exit
!
route-map to-route-service permit 10
 match ip address prefix-list aggregates
 match large-community heard-here
${serviceAggregator(view)}${withoutAsSet(view)} set large-community none
 set metric ${med}
exit
!
route-map to-route-service deny 20
 match ip address prefix-list aggregates
exit
!
route-map to-route-service permit 30
${servicePath(view)} set large-community none
 set metric ${med}
exit
!
`;
}

/**
 * An aggregate's path holds an AS_SET of all its networks', which is not to be sent any more (RFC 9774). FRR 8 knows no
 * `exclude all`.
 */
function withoutAsSet({ aggregates, otherAsns }: GatewayView): string {
  return aggregates.length === 0 ? "" : ` set as-path exclude ${otherAsns.join(" ")}\n`;
}

/** Large community (RFC 8092) of one gateway: its region's ASN and its own BGP identifier. */
function mark({ region, gateway }: GatewayView): string {
  const identifier = gateway.routerId.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return `${String(region.asn)}:${String(identifier)}:0`;
}
