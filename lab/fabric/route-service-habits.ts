/**
 * What a route service does and its documentation says, or, where it is silent, what its siblings' documentation says.
 * @see AWS, "Dynamic routing in your VPC using VPC Route Server"
 */
export const routeServiceHabits = {
  /** Routes that one peer may announce, and that the FIB and so a route table takes. AWS, "Amazon VPC quotas". */
  routes: { perPeer: 100, perFib: 100 },
  /**
   * Of the route beyond those AWS says nothing for Route Server. Its other BGP speakers end the session: AWS, "AWS Direct
   * Connect quotas" (more than 100 prefixes bring the session down). As a NOTIFICATION: Cease, Maximum Number of Prefixes
   * Reached (RFC 4486), as Aviatrix' "TGW Route Limit" shows AWS sending it. That it listens again after a while is ours:
   * nobody outside of the cloud could clear it.
   */
  idleMinutesBeyond: 1,
  /**
   * `bgp-keepalive` is RFC 4271's mechanism (AWS, "RouteServerBgpOptions"), without figures: those that the RFC suggests
   * (section 10). The lower hold time of the two ends holds, and a third of it.
   */
  bgp: { holdSeconds: 90, keepaliveSeconds: 30 },
  /** No figures for Route Server; AWS' others are in "How do I enable BFD for my Direct Connect connection?". */
  bfd: { intervalMilliseconds: 300, multiplier: 3 },
} as const;

/**
 * What a Cloud Router does as its documentation says.
 * @see Google Cloud, "Cloud Router quotas and limits"
 */
export const cloudRouterHabits = {
  /**
   * Prefixes of one peer, beyond which it resets the session; unique ones that a region's network takes: of more, those with
   * the shortest masks, then the first as text ("Deterministic route dropping behavior").
   */
  routes: { perPeer: 5000, perNetwork: 250 },
  /** That it listens again after a while is ours: nobody outside of the cloud could clear it. */
  idleMinutesBeyond: 1,
  /** SDK, `compute.Router`: `keepaliveInterval` by default, and a hold time three times as long. */
  keepaliveSeconds: 20,
  holdFactor: 3,
} as const;

/**
 * A router appliance's lines in the configuration of a Cloud Router's interface. One hop away, whatever its /32 shows, and no
 * BFD. It waits to be called: the appliance is to open the session ("Router appliance overview", BGP configuration).
 */
export function applianceLines(
  own: string,
  peer: { readonly address: string; readonly asn: number },
  keepaliveSeconds: number = cloudRouterHabits.keepaliveSeconds,
): string[] {
  const { routes, idleMinutesBeyond, holdFactor } = cloudRouterHabits;
  const neighbor = `neighbor ${peer.address}`;
  return [
    `${neighbor} remote-as ${String(peer.asn)}`,
    `${neighbor} passive`,
    `${neighbor} disable-connected-check`,
    `${neighbor} timers ${String(keepaliveSeconds)} ${String(keepaliveSeconds * holdFactor)}`,
    `${neighbor} maximum-prefix ${String(routes.perPeer)} restart ${String(idleMinutesBeyond)}`,
    `${neighbor} update-source ${own}`,
  ];
}

/**
 * What an Azure Route Server does as its documentation says.
 * @see Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)"
 */
export const azureRouteServerHabits = {
  /** Route Server Limits: of one peer, beyond which its session is dropped, and of all. */
  routes: { perPeer: 4000, perNetwork: 10_000 },
  /** That it listens again after a while is ours: nobody outside of the cloud could clear it. */
  idleMinutesBeyond: 1,
  /** What is the BGP timer setting of Azure Route Server. */
  bgp: { keepaliveSeconds: 60, holdSeconds: 180 },
} as const;

/**
 * A virtual appliance's lines in the configuration of a Route Server's instance: multihop, without BFD, and with ASNs of 16 bits
 * alone ("Can I use 32-bit ASNs"): it knows no capability of theirs (RFC 6793), nor any other. What holds its own ASN it drops,
 * as every BGP speaker does (RFC 4271, section 9.1.2). It waits to be called: who opens the session is not said, and this is
 * what asks more of the appliance.
 */
export function virtualApplianceLines(
  own: string,
  peer: { readonly address: string; readonly asn: number },
): string[] {
  const { routes, idleMinutesBeyond, bgp } = azureRouteServerHabits;
  const neighbor = `neighbor ${peer.address}`;
  return [
    `${neighbor} remote-as ${String(peer.asn)}`,
    `${neighbor} passive`,
    `${neighbor} ebgp-multihop 2`,
    `${neighbor} dont-capability-negotiate`,
    `${neighbor} timers ${String(bgp.keepaliveSeconds)} ${String(bgp.holdSeconds)}`,
    `${neighbor} maximum-prefix ${String(routes.perPeer)} restart ${String(idleMinutesBeyond)}`,
    `${neighbor} update-source ${own}`,
  ];
}

/** A peer's lines in the configuration of an endpoint's bgpd (FRR documentation, "BGP"). */
export function peerLines(
  own: string,
  peer: { readonly address: string; readonly asn: number; readonly liveness: "bfd" | "bgp-keepalive" },
): string[] {
  const { routes, idleMinutesBeyond, bgp, bfd } = routeServiceHabits;
  const neighbor = `neighbor ${peer.address}`;
  const interval = String(bfd.intervalMilliseconds);
  return [
    `${neighbor} remote-as ${String(peer.asn)}`,
    // It waits to be called (AWS: "the route server peer must initiate the BGP session").
    `${neighbor} passive`,
    `${neighbor} ebgp-multihop 2`,
    `${neighbor} timers ${String(bgp.keepaliveSeconds)} ${String(bgp.holdSeconds)}`,
    `${neighbor} maximum-prefix ${String(routes.perPeer)} restart ${String(idleMinutesBeyond)}`,
    ...(peer.liveness === "bfd" ? [`${neighbor} bfd ${String(bfd.multiplier)} ${interval} ${interval}`] : []),
    // After BFD, which learns its own address from this line (FRR 10.3, bgp_peer_bfd_update_source).
    `${neighbor} update-source ${own}`,
  ];
}
