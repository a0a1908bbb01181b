import { type Family, networksOf, ofFamily } from "../fleet/family";
import { endOf } from "../fleet/tunnel-ends";
import type {
  Plan,
  PlannedEnd,
  PlannedGateway,
  PlannedRegion,
  PlannedTransitPeer,
  PlannedTunnel,
} from "../fleet/plan";

/** A plan as one gateway sees it. */
export interface GatewayView {
  readonly fleet: string;
  readonly region: PlannedRegion;
  readonly gateway: PlannedGateway;
  /** Sorted by tunnel id. */
  readonly tunnels: readonly TunnelView[];
  /** Towards the other gateways of the region, sorted by tunnel id. */
  readonly partners: readonly PartnerView[];
  /** The region's own networks, of both families. */
  readonly ownNetworks: readonly string[];
  /** Networks of other regions that reach this one, of both families, sorted. */
  readonly remotePrefixes: readonly string[];
  /** What a Route Server is told; nothing where there is none. */
  readonly serviceTold: readonly string[];
  /** Of that, the prefixes that stand for several of the networks. */
  readonly aggregates: readonly string[];
  /** Where the region has a transit gateway: this gateway and it. */
  readonly transit?: TransitView;
  /** ASNs of the fleet's other regions, ascending: all that an AS path can hold. */
  readonly otherAsns: readonly number[];
}

/** GRE to the region's transit gateway, and what is spoken inside. */
export interface TransitView extends PlannedTransitPeer {
  /** The transit gateway's. */
  readonly asn: number;
  /** How often the region's ASN stands in its AS path beyond once: a transit gateway prefers the shortest. */
  readonly prepend: number;
}

/** A tunnel within the pair, from one end. Both ends may tell each other all of `remotePrefixes`. */
export type PartnerView = Pick<TunnelView, "tunnel" | "self" | "peer" | "peerIdentity" | "starts">;

/** One tunnel from one end. */
export interface TunnelView {
  readonly tunnel: PlannedTunnel;
  readonly self: PlannedEnd;
  readonly peer: PlannedEnd;
  /** FQDN; empty towards a managed gateway, which is known by its address. */
  readonly peerIdentity: string;
  /** Who begins IKE: this end, the other one, or this end while it holds its pair's address. */
  readonly starts: "calls" | "waits" | "held";
  /** Exactly what the peer may tell us, sorted. */
  readonly accepted: readonly string[];
  /** Exactly what we tell the peer, sorted. */
  readonly announced: readonly string[];
}

/** Whether its network interface has an IPv6 address: in the region's network, towards other regions, or both. */
export function hasIpv6({ region }: Pick<GatewayView, "region">): boolean {
  return region.ipv6 !== undefined || region.outside === "ipv6";
}

/** Of a gateway that IPv6 never passes nothing speaks of it. */
export function speaksIpv6({ ownNetworks, remotePrefixes }: GatewayView): boolean {
  return ofFamily("ipv6", [...ownNetworks, ...remotePrefixes]).length > 0;
}

/** The view with networks and prefixes of one family alone; a transit gateway is told of IPv4 ones. */
export function viewOf(family: Family, view: GatewayView): GatewayView {
  const of = (prefixes: readonly string[]) => ofFamily(family, prefixes);
  const { transit, ...rest } = view;
  return {
    ...rest,
    ...(family === "ipv4" && transit !== undefined ? { transit } : {}),
    ownNetworks: of(view.ownNetworks),
    remotePrefixes: of(view.remotePrefixes),
    serviceTold: of(view.serviceTold),
    aggregates: of(view.aggregates),
    tunnels: view.tunnels.map((tunnel) => ({
      ...tunnel,
      accepted: of(tunnel.accepted),
      announced: of(tunnel.announced),
    })),
  };
}

interface PlanIndex {
  readonly gateways: ReadonlyMap<
    string,
    { readonly region: PlannedRegion; readonly gateway: PlannedGateway }
  >;
  /** Of gateways, and of pairs that share an address. */
  readonly identities: ReadonlyMap<string, string>;
  readonly tunnels: ReadonlyMap<string, readonly { readonly tunnel: PlannedTunnel; readonly link: string }[]>;
  readonly filters: ReadonlyMap<string, readonly string[]>;
}

/** A plan never changes, so its index is made once: a large fleet asks for hundreds of views. */
const indexes = new WeakMap<Plan, PlanIndex>();

/** @throws Error when the plan has no gateway of that id */
export function gatewayView(plan: Plan, id: string): GatewayView {
  const index = indexes.get(plan) ?? indexOf(plan);
  indexes.set(plan, index);
  const own = index.gateways.get(id);
  if (own === undefined) throw new Error(`The plan of ${plan.fleet} has no gateway ${id}.`);
  const end = endOf(own.region, id);
  const seen = (tunnel: PlannedTunnel): PartnerView => {
    const [one, other] = tunnel.ends;
    const [self, peer] = one.gateway === id || one.gateway === end ? [one, other] : [other, one];
    const peerMoves = index.identities.has(peer.gateway) && !index.gateways.has(peer.gateway);
    // What a managed gateway calls by itself is nobody's choice but its cloud's: it is told to wait.
    const called = tunnel.managed === undefined && (peerMoves || self.gateway !== one.gateway);
    const starts = self.gateway !== id ? "held" : called ? "waits" : "calls";
    return { tunnel, self, peer, peerIdentity: index.identities.get(peer.gateway) ?? "", starts };
  };
  const tunnels = (index.tunnels.get(end) ?? []).map(({ tunnel, link }): TunnelView => {
    const view = seen(tunnel);
    return {
      ...view,
      accepted: index.filters.get(`${link}>${view.self.region}`) ?? [],
      announced: index.filters.get(`${link}>${view.peer.region}`) ?? [],
    };
  });
  const transit = transitView(own);
  const remote = new Set(tunnels.flatMap(({ accepted }) => accepted));
  const { routeService } = own.region;
  const serviceTold = routeService.kind === "service" ? routeService.announced : [];
  return {
    fleet: plan.fleet,
    ...own,
    tunnels,
    partners: own.region.pairTunnels
      .filter(({ ends }) => ends.some(({ gateway }) => gateway === id))
      .map(seen),
    ownNetworks: networksOf(own.region),
    remotePrefixes: [...remote].sort(),
    serviceTold,
    aggregates: serviceTold.filter((prefix) => !remote.has(prefix)),
    ...(transit === undefined ? {} : { transit }),
    otherAsns: plan.regions
      .flatMap(({ name, asn }) => (name === own.region.name ? [] : [asn]))
      .sort((one, other) => one - other),
  };
}

/** AS_PATH is what AWS names for it, and equal ones are what spreads flows ("Connect attachments and Connect peers"). */
function transitView({
  region: { ha, gateways, routeService },
  gateway: { id },
}: Pick<GatewayView, "region" | "gateway">): TransitView | undefined {
  if (routeService.kind !== "transit-gateway") return undefined;
  const peer = routeService.peers.find(({ gateway }) => gateway === id);
  if (peer === undefined) return undefined;
  const place = gateways.findIndex((gateway) => gateway.id === id);
  return { ...peer, asn: routeService.asn, prepend: ha === "active-standby" ? place : 0 };
}

function indexOf({ regions, links, filters }: Plan): PlanIndex {
  const tunnels = new Map<string, { tunnel: PlannedTunnel; link: string }[]>();
  for (const link of links)
    for (const tunnel of link.tunnels)
      for (const { gateway } of tunnel.ends) {
        const list = tunnels.get(gateway);
        if (list === undefined) tunnels.set(gateway, [{ tunnel, link: link.id }]);
        else list.push({ tunnel, link: link.id });
      }
  return {
    gateways: new Map(
      regions.flatMap((region) => region.gateways.map((gateway) => [gateway.id, { region, gateway }])),
    ),
    identities: new Map(
      regions.flatMap(({ gateways, shared }) =>
        [...gateways, ...(shared === undefined ? [] : [shared])].map((known) => [known.id, known.identity]),
      ),
    ),
    tunnels,
    filters: new Map(filters.map(({ link, to, prefixes }) => [`${link}>${to}`, prefixes])),
  };
}
