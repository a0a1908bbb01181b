import { counted } from "../counted";
import { table } from "../table";
import { heardNetworks, takenBy } from "trunkline/fleet/announce";
import { rulesOf } from "trunkline/fleet/clouds";
import { networksOf } from "trunkline/fleet/family";
import type { Plan, PlannedRegion, PlannedSubnet } from "trunkline/fleet/plan";
import { formatProblem, type Problem } from "trunkline/fleet/problem";

/** A plan for a person: regions, links, what is told over them, how traffic goes. */
export function planText(plan: Plan, warnings: readonly Problem[]): string {
  const tunnels = plan.links.flatMap((link) => link.tunnels);
  const many = plan.links.length > 40;
  const heard = heardNetworks(plan.filters);
  return [
    `Fleet ${plan.fleet}: ${counted(plan.regions.length, "region")}, ${counted(plan.links.length, "link")}, ${counted(tunnels.length, "tunnel")} (${plan.topology})`,
    "",
    table([
      ["region", "cloud", "networks", "ASN", "route service", "mode", "gateways"],
      ...plan.regions.map((region) => [
        region.name,
        `${region.cloud} ${region.cloudRegion}`,
        networksOf(region).join(" "),
        String(region.asn),
        toldText(region.routeService.announced.length, takenBy(region, heard.get(region.name) ?? []).length),
        modeText(region),
        region.managed === undefined
          ? region.gateways.map(({ id, size }) => `${id} (${size})`).join(" ")
          : `managed (${[rulesOf(region.cloud).managed?.called ?? "", region.managed.size].filter((word) => word !== undefined).join(", ")})`,
      ]),
    ]),
    ...plan.regions.flatMap(networkText),
    ...plan.regions.flatMap(outsideText),
    "",
    ...plan.regions.map(routesText),
    "",
    ...(many
      ? [`${String(plan.links.length)} links; --json lists them.`]
      : [
          table([
            ["link", "tunnels", "outside", "IKE", "ESP", "MTU"],
            ...plan.links.map(({ id, tunnels: own }) => [
              id,
              String(own.length),
              own[0]?.outside === "ipv6" ? "IPv6" : "IPv4",
              own[0]?.ikeSa.proposal ?? "",
              own[0]?.childSa.proposal ?? "",
              String(own[0]?.mtu ?? ""),
            ]),
          ]),
        ]),
    "",
    ...(many
      ? []
      : plan.routes.filter(({ via }) => via.length > 2).map(({ via }) => `way  ${via.join(" > ")}`)),
    "Every pair of regions reaches each other, also after the loss of any one gateway.",
    ...(plan.regions.some(
      ({ managed, managementAllowFrom }) => managed === undefined && managementAllowFrom.length === 0,
    )
      ? ["No management.allowFrom: this plan is for the lab only."]
      : []),
    ...warnings.map(formatProblem),
  ].join("\n");
}

/** Whose network it is, where it is not ours. */
function networkText({ name, routeService, network: { subnets, existing } }: PlannedRegion): string[] {
  if (existing === undefined) return [];
  const { id, subnetIds, routeTables } = existing;
  const idsOf = (role: PlannedSubnet["role"]) =>
    subnets
      .filter((subnet) => subnet.role === role)
      .map((subnet) => subnetIds[subnet.name])
      .join(" and ");
  const way =
    routeTables.length === 0
      ? `its route service in ${idsOf("route-service")} hands routes to every subnet`
      : `${routeService.kind === "service" ? "routes propagate into" : "routes are made in"} ${routeTables.join(", ")}`;
  return [
    `${name}: the network ${id} is yours and is left as it is; gateways live in ${idsOf("gateway")}, and ${way}.`,
  ];
}

/** Where its gateways' IPv6 addresses come from, if they speak to other regions by these. */
function outsideText({ name, outside, ipv6 }: PlannedRegion): string[] {
  if (outside === "ipv4") return [];
  return [
    `${name}: gateways speak over IPv6 to those of regions that do so, too, with addresses of ${ipv6 === undefined ? "a block that Amazon gives the network" : ipv6.cidr}; SSH stays on IPv4.`,
  ];
}

/** What a region's choice costs by month, and how long its network's way out is away when a gateway is lost. */
function routesText(region: PlannedRegion): string {
  const { name, gateways, shared, managed, routeService } = region;
  const { kind, facts } = routeService;
  const { dollarsPerMonth, priceFrom, failoverSeconds, failoverFrom } = facts;
  const dollars = dollarsPerMonth.toLocaleString("en-US", { maximumFractionDigits: 2 });
  if (managed !== undefined)
    return `${name}: gateway: managed, ${finderText(region)}: $${dollars} a month (${priceFrom}); when a gateway at the other end is lost, its network sends by another tunnel after ${String(failoverSeconds.least)} to ${String(failoverSeconds.most)} s (${failoverFrom}).`;
  const failover =
    gateways.length === 1
      ? "there is one gateway, so that nothing takes over"
      : `${shared === undefined ? "its network sends by another gateway" : "it has its way to other regions again, by the other gateway,"} after ${String(failoverSeconds.least)} to ${String(failoverSeconds.most)} s (${failoverFrom})`;
  return `${name}: routes: ${kind}, ${finderText(region)}: $${dollars} a month (${priceFrom}); when a gateway is lost, ${failover}.`;
}

function finderText({ cloud, routeService, shared }: PlannedRegion): string {
  const moves = shared !== undefined;
  switch (routeService.kind) {
    case "service":
      return rulesOf(cloud).serviceText(routeService.endpoints.length);
    case "managed":
      return rulesOf(cloud).managed?.called ?? "";
    case "agent":
      return `the gateways move static routes${moves ? " and their one address" : ""} themselves`;
    case "transit-gateway":
      return `a transit gateway (${routeService.cidr}) with ${counted(routeService.peers.length, "Connect peer")}`;
  }
}

/** `active-active`, or `active-standby (med)`: its gateways stand in the order in which they are preferred. */
function modeText({ ha, preference, shared, managed }: PlannedRegion): string {
  if (managed !== undefined) return "managed";
  if (shared !== undefined) return `${ha} (moved address)`;
  return preference === undefined ? ha : `${ha} (${preference})`;
}

/** What the route service is told: `2 routes`, or `9 routes for 101`. */
function toldText(routes: number, networks: number): string {
  const told = `${String(routes)} ${routes === 1 ? "route" : "routes"}`;
  return routes === networks ? told : `${told} for ${String(networks)}`;
}
