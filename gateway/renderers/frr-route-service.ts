import { rulesOf } from "../../fleet/clouds";
import type { Family } from "../../fleet/family";
import type { PlannedRegion } from "../../fleet/plan";
import type { GatewayFacts } from "../facts";
import type { GatewayView } from "../view";
import { bfdNeighbour, bfdSource } from "./frr-bfd";

/**
 * The cloud's route service, from each of its ends. Where one lies behind the cloud's router, the session is a multihop one.
 * The gateway opens it: AWS' never does (AWS, "VPC Route Server": peers must initiate). Where it takes 16-bit ASNs alone the
 * gateway is its alias there, and the region's own ASN stands in nothing that it is told.
 */
export function endpointNeighbour(
  address: string,
  { cloud, routeService }: PlannedRegion,
  { self }: GatewayFacts,
): string {
  if (routeService.kind !== "service") return "";
  const { bfd, away, seconds } = rulesOf(cloud).session;
  const { asn, alias } = routeService;
  return [
    `neighbor ${address} remote-as ${String(asn)}`,
    ...(alias === undefined ? [] : [`neighbor ${address} local-as ${String(alias)} no-prepend replace-as`]),
    `neighbor ${address} description route service`,
    ...(bfd ? bfdNeighbour(address) : []),
    `neighbor ${address} ${away === "hops" ? "ebgp-multihop 2" : "disable-connected-check"}`,
    bfdSource(address, self.privateAddress),
    ...(seconds === undefined
      ? []
      : [`neighbor ${address} timers ${String(seconds.keepalive)} ${String(seconds.hold)}`]),
    `neighbor ${address} timers connect 10`,
  ]
    .map((line) => ` ${line}\n`)
    .join("");
}

export function endpointPolicy(address: string, family: Family): string {
  return [
    `neighbor ${address} activate`,
    `neighbor ${address} prefix-list none in`,
    `neighbor ${address} prefix-list to-route-service out`,
    `neighbor ${address} route-map to-route-service${family === "ipv6" ? "-ipv6" : ""} out`,
  ]
    .map((line) => `  ${line}\n`)
    .join("");
}

/**
 * What the AS path of a network is made of towards a service of 16-bit ASNs: the gateways' alias, as often as there were
 * ASNs in it. So paths stay as long as they were, and two gateways' are equal where they were.
 */
export function servicePath(view: GatewayView): string {
  return aliasOf(view) === undefined ? "" : ` set as-path replace any\n${standsBy(view)}`;
}

/**
 * Of an aggregate's path all that is not the gateway's own is taken away already (RFC 9774). Whoever made it is named beside
 * it (RFC 4271, AGGREGATOR): by the alias, since an ASN of 32 bits would be 23456 there (RFC 6793).
 */
export function serviceAggregator(view: GatewayView): string {
  const asn = aliasOf(view);
  return asn === undefined || view.aggregates.length === 0
    ? ""
    : ` set aggregator as ${String(asn)} ${view.gateway.routerId}\n${standsBy(view)}`;
}

/** Where the shortest AS path is preferred, a gateway that stands by says its ASN once more for each before it. */
function standsBy(view: GatewayView): string {
  const { region, gateway } = view;
  const place = region.gateways.findIndex(({ id }) => id === gateway.id);
  const again = Array.from({ length: region.ha === "active-standby" ? place : 0 }, () => aliasOf(view));
  return again.length === 0 ? "" : ` set as-path prepend ${again.join(" ")}\n`;
}

/** What the gateway is called where the service takes 16-bit ASNs alone. */
function aliasOf({ region: { cloud, asn, routeService } }: GatewayView): number | undefined {
  if (routeService.kind !== "service" || rulesOf(cloud).session.asns === undefined) return undefined;
  return routeService.alias ?? asn;
}
