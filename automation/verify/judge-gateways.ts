import { judgeCloudRoutes } from "./judge-cloud-routes";
import { rulesOf } from "trunkline/fleet/clouds";
import { familyOf, networksOf } from "trunkline/fleet/family";
import {
  allTunnels,
  hostOf,
  type Plan,
  type PlannedEnd,
  type PlannedRegion,
  type PlannedTunnel,
} from "trunkline/fleet/plan";
import { isPreferred } from "trunkline/fleet/ha";
import type { GatewayIkeSa, GatewayNeighbour, GatewayStatus } from "trunkline/gateway/status";
import { type Judgement, judged, overText } from "./proof";
import { holderOf } from "./shared-address";
import { firstProposal, liveProposal, plannedProposal } from "./transforms";

/** What each gateway said of itself, or why it said nothing. */
export type Statuses = ReadonlyMap<string, GatewayStatus | { readonly silent: string }>;

/** SAs of one tunnel at both ends: exactly one each, with exactly the planned transforms. */
export function judgeSas(plan: Plan, statuses: Statuses): Judgement[] {
  return allTunnels(plan).map((tunnel) => {
    const ike = plannedProposal(tunnel.ikeSa.proposal);
    const child = plannedProposal(tunnel.childSa.proposal);
    const ppk = tunnel.ppk?.required === true ? " with PPK" : "";
    const installed = (proposal: string): string =>
      `ESTABLISHED ${ike}${ppk}; INSTALLED ${proposal}, ESP in UDP${overText(tunnel.outside)}`;
    const wanted = installed(child);
    // Where the first child SA comes with IKE_AUTH it has the IKE SA's group (RFC 7296 section 1.2), until it is rekeyed.
    const first = tunnel.managed === undefined ? wanted : installed(firstProposal(tunnel.childSa.proposal));
    // A cloud's own end answers nobody.
    const expected = `${wanted}, at ${tunnel.managed === undefined ? "both ends" : "the own end"}`;
    const ends = ownEnds(tunnel).map((end) => observeSa(tunnel, end, statuses));
    const holds = ends.every(({ text }) => text === wanted || text === first);
    const observed = ends.map(({ gateway, text }) => `${gateway}: ${text}`).join(" | ");
    return judged(
      "sa",
      tunnel.id,
      expected,
      observed,
      holds,
      ends.map(({ evidence }) => evidence).join(" | "),
    );
  });
}

/** Ends of a tunnel that can be asked. */
export function ownEnds({ ends, managed }: PlannedTunnel): readonly PlannedEnd[] {
  return ends.filter((_, index) => index !== managed?.end);
}

function observeSa(tunnel: PlannedTunnel, end: PlannedEnd, statuses: Statuses) {
  const { gateway } = end;
  const status = statuses.get(gateway);
  if (status === undefined || "silent" in status)
    return { gateway, text: `no answer`, evidence: `${gateway}: ${status?.silent ?? "not asked"}` };
  const sas = status.ikeSas.filter(({ name }) => name === tunnel.id);
  const up = sas.filter(({ state }) => state === "ESTABLISHED");
  const children = up
    .flatMap(({ childSas }) => childSas)
    .filter(({ state, ifId }) => state === "INSTALLED" && ifId === end.ifId);
  const [sa] = up;
  const [child] = children;
  const evidence = `${gateway} list-sas: ${String(sas.length)} IKE SA, SPIs ${up.flatMap(({ spis }) => spis).join(",")}; ESP in ${children.map(({ spis }) => spis.in).join(",")} out ${children.map(({ spis }) => spis.out).join(",")}`;
  if (sa === undefined) return { gateway, text: sas[0]?.state ?? "no IKE SA", evidence };
  if (up.length > 1) return { gateway, text: `${String(up.length)} IKE SAs`, evidence };
  // Where it is optional, an SA without is as planned as one with it.
  const ppk = sa.ppk === true && tunnel.ppk?.required !== false ? " with PPK" : "";
  if (child === undefined)
    return { gateway, text: `ESTABLISHED ${liveProposal(sa.proposal)}${ppk}; no child SA`, evidence };
  const over = overText([sa.local, sa.remote].some(isIpv6) ? "ipv6" : "ipv4");
  const encapsulated = `${child.udpEncapsulated ? "ESP in UDP" : "bare ESP"}${over}`;
  return {
    gateway,
    text: `ESTABLISHED ${liveProposal(sa.proposal)}${ppk}; INSTALLED ${liveProposal(child.proposal)}, ${encapsulated}`,
    evidence,
  };
}

function isIpv6({ address }: GatewayIkeSa["local"]): boolean {
  return typeof address === "string" && familyOf(address) === "ipv6";
}

/**
 * One BGP session per tunnel at both ends, and one per gateway and end of its route service; BFD up on each but between
 * partners, with a transit gateway, with a managed gateway, and with a route service that has none.
 */
export function judgeBgp(
  plan: Plan,
  statuses: Statuses,
  endpoints: ReadonlyMap<string, readonly string[]>,
): Judgement[] {
  return [
    ...allTunnels(plan).map((tunnel) => {
      const {
        id,
        ends: [one, other],
        managed,
      } = tunnel;
      if (managed !== undefined) {
        const at = ownEnds(tunnel).map((own) =>
          observeSession(own.gateway, hostOf((own === one ? other : one).inside), statuses),
        );
        return sessionsJudged(id, at, "Established", "at the own end");
      }
      const partners = one.region === other.region;
      const sessions = [
        { at: one.gateway, address: hostOf(other.inside) },
        { at: other.gateway, address: hostOf(one.inside) },
      ].map(({ at, address }) => observeSession(at, address, statuses));
      return sessionsJudged(id, sessions, partners ? "Established" : "Established, BFD up");
    }),
    ...plan.regions
      .filter(({ routeService }) => routeService.kind === "service")
      .flatMap(({ name, cloud, gateways }) =>
        gateways.map(({ id }) =>
          sessionsJudged(
            `${id}~route-service`,
            (endpoints.get(name) ?? []).map((address) => observeSession(id, address, statuses)),
            rulesOf(cloud).session.bfd ? "Established, BFD up" : "Established",
          ),
        ),
      ),
  ];
}

interface Session {
  readonly at: string;
  readonly address: string;
  readonly text: string;
}

export function sessionsJudged(
  subject: string,
  sessions: readonly Session[],
  wanted: string,
  where = "at both ends",
): Judgement {
  const holds = sessions.length > 0 && sessions.every(({ text }) => text === wanted);
  const texts = [...new Set(sessions.map(({ text }) => text))];
  const observed =
    texts.length === 1 ? (texts[0] ?? "") : sessions.map(({ at, text }) => `${at}: ${text}`).join(" | ");
  const evidence = sessions.map(({ at, address }) => `${at} show bgp neighbors ${address}`).join("; ");
  return judged("bgp", subject, `${wanted}, ${where}`, observed, holds, evidence);
}

export function observeSession(at: string, address: string, statuses: Statuses): Session {
  const neighbour = neighbourOf(at, address, statuses);
  if (neighbour === undefined) return { at, address, text: "no such neighbour" };
  return {
    at,
    address,
    text: `${neighbour.state ?? "unknown"}${typeof neighbour.bfd === "string" ? `, BFD ${neighbour.bfd.toLowerCase()}` : ""}`,
  };
}

/** What each gateway received over each tunnel, exactly as planned; and what it tells the route service. */
export function judgePrefixes(
  plan: Plan,
  statuses: Statuses,
  endpoints: ReadonlyMap<string, readonly string[]>,
): Judgement[] {
  const { links, filters, regions } = plan;
  const planned = new Map(
    filters.map(({ link, to, prefixes }) => [`${link}>${to}`, [...prefixes].sort().join(" ")]),
  );
  const inTunnels = links.flatMap(({ id: link, tunnels }) =>
    tunnels.map((tunnel) => {
      const {
        id,
        ends: [one, other],
      } = tunnel;
      const own = ownEnds(tunnel);
      const directions = [
        { to: one, from: other },
        { to: other, from: one },
      ]
        .filter(({ to }) => own.includes(to))
        .map(({ to, from }) => ({
          at: to.gateway,
          wanted: planned.get(`${link}>${to.region}`) ?? "",
          found: receivedText(neighbourOf(to.gateway, hostOf(from.inside), statuses)),
          routed: routedText(to.gateway, to.interface, statuses),
          best: bestOver(plan, to.region, from.region),
          preferred: preferredFrom(plan, from.gateway, to.gateway, statuses),
        }));
      const holds = directions.every(
        ({ wanted, found, routed, best, preferred }) =>
          found === wanted && routesFit(routed, wanted, best, preferred),
      );
      const text = (pick: (direction: (typeof directions)[number]) => string): string =>
        directions.map((direction) => `${direction.at}: ${pick(direction)}`).join(" | ");
      return judged(
        "prefixes",
        id,
        text(({ wanted }) => wanted),
        text(({ found, routed }) =>
          found === routed ? found : `BGP ${found || "none"}, kernel ${routed || "none"}`,
        ),
        holds,
        "BGP table of each end after its filters; kernel routes over the tunnel's interface",
      );
    }),
  );
  const toServices = regions.flatMap(({ name, gateways, routeService }) => {
    if (routeService.kind !== "service") return [];
    const wanted = routeService.announced.join(" ");
    return gateways.map(({ id }) => {
      const sent = (endpoints.get(name) ?? []).map((address) => sentText(neighbourOf(id, address, statuses)));
      const received = (endpoints.get(name) ?? []).map((address) =>
        receivedText(neighbourOf(id, address, statuses)),
      );
      const holds =
        sent.length > 0 && sent.every((text) => text === wanted) && received.every((text) => text === "");
      return judged(
        "prefixes",
        `${id}~route-service`,
        `sends ${wanted}, takes nothing`,
        `sends ${[...new Set(sent)].join(" or ") || "nothing"}, takes ${[...new Set(received)].join(" or ") || "nothing"}`,
        holds,
        `${id} advertised-routes and routes of each endpoint`,
      );
    });
  });
  return [
    ...inTunnels,
    ...betweenPartners(plan, statuses),
    ...toServices,
    ...judgeCloudRoutes(regions, statuses),
  ];
}

/** Partners tell each other all that other regions told them, and send each other nothing while they have tunnels. */
function betweenPartners({ regions, filters }: Plan, statuses: Statuses): Judgement[] {
  return regions.flatMap((region) => {
    const { name, pairTunnels } = region;
    const wanted = toldTo(name, filters);
    if (region.shared !== undefined)
      return pairTunnels.map((tunnel) => fromHolder(region, tunnel, wanted, statuses));
    return pairTunnels.map(({ id, ends: [one, other] }) => {
      const directions = [
        { to: one, from: other },
        { to: other, from: one },
      ].map(({ to, from }) => ({
        at: to.gateway,
        found: receivedText(neighbourOf(to.gateway, hostOf(from.inside), statuses)),
        routed: routedText(to.gateway, to.interface, statuses),
      }));
      return judged(
        "prefixes",
        id,
        `both tell ${wanted || "nothing"}; no route leads here`,
        directions
          .map(({ at, found, routed }) => `${at}: told ${found || "nothing"}, routes ${routed || "none"}`)
          .join(" | "),
        directions.every(({ found, routed }) => found === wanted && routed === ""),
        "BGP table of each end after its filters; kernel routes over the tunnel's interface",
      );
    });
  });
}

/** Of a pair that shares an address, who holds that tells the other all, and gets what the other has. */
function fromHolder(
  region: PlannedRegion,
  { id, ends }: PlannedTunnel,
  wanted: string,
  statuses: Statuses,
): Judgement {
  const holder = holderOf(region, statuses);
  const [to, from] = ends[0].gateway === holder ? [ends[1], ends[0]] : ends;
  const found = receivedText(neighbourOf(to.gateway, hostOf(from.inside), statuses));
  const routed = routedText(to.gateway, to.interface, statuses);
  const back = receivedText(neighbourOf(from.gateway, hostOf(to.inside), statuses));
  return judged(
    "prefixes",
    id,
    `who holds the address tells ${wanted || "nothing"}, and the other sends there`,
    `${holder ?? "nobody"} holds it; ${to.gateway}: told ${found || "nothing"}, routes ${routed || "none"}; ${from.gateway}: told ${back || "nothing"}`,
    holder !== undefined && found === wanted && routed === wanted && back === "",
    "BGP table of each end after its filters; kernel routes over the tunnel's interface",
  );
}

/** Networks of other regions that reach a region, as text. */
export function toldTo(region: string, filters: Plan["filters"]): string {
  return [...new Set(filters.filter(({ to }) => to === region).flatMap(({ prefixes }) => prefixes))]
    .sort()
    .join(" ");
}

/** Networks that a region reaches by this neighbour first: what another hub offers as well may go either way. */
function bestOver({ regions, routes }: Plan, here: string, neighbour: string): ReadonlySet<string> {
  const targets = new Set(
    routes.filter(({ from, via }) => from === here && via[1] === neighbour).map(({ to }) => to),
  );
  return new Set(regions.filter(({ name }) => targets.has(name)).flatMap(networksOf));
}

/**
 * Whether a gateway takes a network from this teller: not while one that is preferred to it tells of it as well. What it
 * really hears counts, so that after the loss of the preferred one the way over the next is right.
 */
function preferredFrom(
  { regions, links }: Plan,
  teller: string,
  hearer: string,
  statuses: Statuses,
): (prefix: string) => boolean {
  const told = new Map(regions.flatMap(({ gateways }) => gateways.map((own) => [own.id, own.told] as const)));
  const own = told.get(teller);
  const better = links
    .flatMap(({ tunnels }) => tunnels)
    .flatMap(({ ends: [one, other] }) =>
      one.gateway === hearer ? [other] : other.gateway === hearer ? [one] : [],
    )
    .filter(({ gateway }) => own !== undefined && isPreferred(told.get(gateway) ?? own, own))
    .flatMap(({ inside }) => neighbourOf(hearer, hostOf(inside), statuses)?.received ?? []);
  return (prefix) => !better.includes(prefix);
}

/** The kernel sends nothing over a tunnel but what came over it, and all that has its best way there. */
function routesFit(
  routed: string,
  wanted: string,
  best: ReadonlySet<string>,
  preferred: (prefix: string) => boolean,
): boolean {
  const [here, offered] = [routed, wanted].map((text) => text.split(" ").filter((word) => word !== ""));
  return (
    here !== undefined &&
    offered !== undefined &&
    here.every((prefix) => offered.includes(prefix) && preferred(prefix)) &&
    offered.every((prefix) => !best.has(prefix) || !preferred(prefix) || here.includes(prefix))
  );
}

export function receivedText(neighbour: GatewayNeighbour | undefined): string {
  return neighbour === undefined ? "no neighbour" : [...neighbour.received].sort().join(" ");
}

export function sentText(neighbour: GatewayNeighbour | undefined): string {
  return neighbour === undefined ? "no neighbour" : [...neighbour.sent].sort().join(" ");
}

function routedText(gateway: string, device: string, statuses: Statuses): string {
  const status = statuses.get(gateway);
  if (status === undefined || "silent" in status) return "no answer";
  return status.routes
    .filter(({ nextHops }) => nextHops.includes(device))
    .map(({ prefix }) => prefix)
    .sort()
    .join(" ");
}

export function neighbourOf(
  gateway: string,
  address: string,
  statuses: Statuses,
): GatewayNeighbour | undefined {
  const status = statuses.get(gateway);
  if (status === undefined || "silent" in status) return undefined;
  return status.neighbours.find((neighbour) => neighbour.address === address);
}
