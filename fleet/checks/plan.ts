import { heardNetworks, takenBy, wasteful } from "../announce";
import { type CloudName, cloudNames, type Taker } from "../cloud";
import { rulesOf } from "../clouds";
import type { Fleet } from "../fleet";
import { gatewaysAt } from "../tunnel-ends";
import { allTunnels, type Plan } from "../plan";
import type { Problem, ProblemCode } from "../problem";
import { reachability } from "../reachability";
import { Report } from "../report";
import { type RoutesChoice, routesChoices } from "../routes";
import { checkManagedAddresses, checkManagedConnections, checkManagedLinks } from "./managed";
import { checkSuites } from "./suites";
import { checkSystems } from "./system";
import { checkTransitGateways } from "./transit-gateway";

export interface PlanCheckOptions {
  /** Errors that are taken as warnings: for measurements beyond what a cloud would carry. */
  readonly waive?: readonly ProblemCode[];
}

/** What only the derived whole can show: collisions of hashes, caps of the cloud, reachability. */
export function checkPlan(
  plan: Plan,
  fleet: Fleet,
  { waive = [] }: PlanCheckOptions,
): { readonly problems: Problem[]; readonly warnings: Problem[] } {
  const report = new Report(fleet.positions);
  checkAsns(plan, report);
  checkTunnels(plan, report);
  checkRouterIds(plan, report);
  checkTaken(plan, report);
  checkAgents(plan, report);
  checkTransitGateways(plan, report);
  checkManagedLinks(fleet, report);
  checkManagedAddresses(plan, report);
  checkManagedConnections(plan, report);
  checkSuites(fleet, report);
  checkSystems(plan, report);
  checkReachability(plan, report);
  const isError = ({ severity, code }: Problem): boolean => severity === "error" && !waive.includes(code);
  return {
    problems: report.problems.filter(isError),
    warnings: report.problems
      .filter((problem) => !isError(problem))
      .map((problem) => ({ ...problem, severity: "warning" })),
  };
}

function checkAsns({ regions }: Plan, report: Report): void {
  const owners = new Map<number, string>();
  for (const { name, cloud, asn, routeService } of regions)
    for (const { number, owner } of [
      { number: asn, owner: `region ${name}` },
      // One that is its cloud's everywhere hears nothing of others, and is heard by no other.
      ...("asn" in routeService && rulesOf(cloud).session.asns === undefined
        ? [{ number: routeService.asn, owner: `the route service of ${name}` }]
        : []),
    ]) {
      const taken = owners.get(number);
      if (taken !== undefined)
        report.error(
          "AsnConflict",
          `regions.${name}`,
          `${owner} and ${taken} have the ASN ${String(number)}.`,
          `Write \`asn\` for region ${name}, such as another private one (RFC 6996).`,
        );
      owners.set(number, owner);
    }
}

function checkTunnels(plan: Plan, report: Report): void {
  const interfaces = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const { id, ends, managed } of allTunnels(plan))
    for (const [index, { gateway, region, ifId, inside }] of ends.entries()) {
      // What is the cloud's own has no interfaces of ours, and its addresses are checked by themselves.
      if (index === managed?.end) continue;
      for (const at of gatewaysAt(plan, gateway))
        clash("InterfaceConflict", interfaces, `${at}/${String(ifId)}`, id, region, "interface id", report);
      if (managed === undefined)
        clash("AddressConflict", addresses, inside, `${id} at ${gateway}`, region, "inside address", report);
    }
}

function checkRouterIds({ regions }: Plan, report: Report): void {
  const owners = new Map<string, string>();
  for (const { name, gateways } of regions)
    for (const { id, routerId } of gateways)
      clash("RouterIdConflict", owners, routerId, id, name, "BGP identifier", report);
}

function clash(
  code: ProblemCode,
  owners: Map<string, string>,
  value: string,
  owner: string,
  region: string,
  what: string,
  report: Report,
): void {
  const taken = owners.get(value);
  if (taken !== undefined)
    report.error(
      code,
      `regions.${region}`,
      `${owner} and ${taken} derive the same ${what}.`,
      `Rename region ${region}: values come from names, and these two names collide.`,
    );
  owners.set(value, owner);
}

/** What a region's network is told of the others: no more than it takes, and whose addresses that covers. */
function checkTaken({ regions, filters }: Plan, report: Report): void {
  const heard = heardNetworks(filters);
  for (const cloud of cloudNames)
    for (const kind of [...routesChoices, "managed"] as const) {
      const { managed, takers } = rulesOf(cloud);
      const taker = kind === "managed" ? managed?.taker : takers[kind];
      if (taker === undefined) continue;
      const { covers: code, its, isTold, most } = taker;
      const full: FullTaker[] = [];
      for (const region of regions) {
        const { name, cidrs, routeService } = region;
        if (region.cloud !== cloud || routeService.kind !== kind) continue;
        const { announced } = routeService;
        const networks = takenBy(region, heard.get(name) ?? []);
        const covers = wasteful(announced, networks);
        if (announced.length > most)
          full.push({ name, cidrs, networks: networks.length, prefixes: announced.length });
        else if (covers.length > 0 && code !== undefined)
          report.warning(
            code,
            `regions.${name}`,
            `${its} takes ${String(most)} of ${String(networks.length)} networks, so it ${isTold} ${listed(covers)}: with addresses of nobody in the fleet.`,
            `If some are in use elsewhere, give their routes a longer prefix in ${rulesOf(cloud).network.tables}, or regions networks that lie side by side.`,
          );
      }
      reportFull(cloud, kind, taker, full, report);
    }
}

interface FullTaker {
  readonly name: string;
  readonly cidrs: readonly string[];
  readonly networks: number;
  readonly prefixes: number;
}

/** What fills one mostly fills them all: one problem, at the first region, that names the count. */
function reportFull(
  cloud: CloudName,
  kind: RoutesChoice | "managed",
  { full: code, its, told, most, exact }: Taker,
  full: readonly FullTaker[],
  report: Report,
): void {
  const [first] = full;
  if (first === undefined) return;
  const { name, cidrs, networks, prefixes } = first;
  const shown = full.slice(0, 3).map((region) => region.name);
  const more = full.length - shown.length;
  const who = [...shown, ...(more > 0 ? [`${String(more)} more`] : [])].join(", ");
  const others = full.length === 1 ? "" : ` So it is with ${String(full.length)} regions: ${who}.`;
  const service =
    kind === "agent" || kind === "transit-gateway"
      ? " or let it follow a Route Server (`routes: service`),"
      : "";
  report.error(
    code,
    `regions.${name}`,
    `${its} would ${told} ${String(networks)} networks, by ${String(prefixes)} prefixes at the least; ${rulesOf(cloud).title} takes ${String(most)}.${others}`,
    exact === true
      ? `Give regions fewer networks, give ${name} gateways of its own (\`gateway: self\`), which tell the network fewer, or split the fleet.`
      : `Give regions private networks (RFC 1918) that lie side by side and apart from ${cidrs.join(", ")}, so that one prefix stands for several,${service} or split the fleet.`,
  );
}

function listed(covers: ReturnType<typeof wasteful>): string {
  const shown = covers.slice(0, 3).map(({ prefix, addresses }) => `${prefix} (${String(addresses)})`);
  const more = covers.length - shown.length;
  return [...shown, ...(more > 0 ? [`${String(more)} more`] : [])].join(", ");
}

/** The routes move to another gateway; where there is none, nothing moves them. */
function checkAgents({ regions }: Plan, report: Report): void {
  for (const { name, gateways, routeService } of regions)
    if (routeService.kind === "agent" && gateways.length === 1)
      report.warning(
        "AgentAlone",
        report.has(`regions.${name}.routes`) ? `regions.${name}.routes` : `regions.${name}`,
        `${name} has one gateway: there is none that its routes could move to, and what the network sends while it is away is lost.`,
        "Leave `gateways` out for a pair.",
      );
}

function checkReachability(plan: Plan, report: Report): void {
  const { never, afterLoss } = reachability(plan);
  for (const { from, to } of never)
    report.error(
      "Unreachable",
      `regions.${from}`,
      `${from} and ${to} do not reach each other over the links of this fleet.`,
      "Add a link, or let a region on the way carry transit.",
    );
  const alone = new Map(
    plan.regions.flatMap(({ name, gateways: [only, ...others] }) =>
      only === undefined || others.length > 0 ? [] : [[only.id, name] as const],
    ),
  );
  for (const name of alone.values())
    report.warning(
      "SingleGateway",
      `regions.${name}`,
      `${name} has one gateway: whatever takes it takes the region off the backbone.`,
      "Leave `gateways` out for a pair.",
    );
  for (const { from, to, lost } of afterLoss.filter((loss) => {
    const region = alone.get(loss.lost);
    // A region that chose to have one gateway has said so already.
    return region !== loss.from && region !== loss.to;
  }))
    report.error(
      "UnreachableAfterLoss",
      `regions.${from}`,
      `${from} loses ${to} when ${lost} is lost.`,
      "Add a second link on the way.",
    );
}
