/**
 * What a transit gateway does with a Connect peer, by its documentation.
 * @see AWS, "Connect attachments and Connect peers in AWS Transit Gateway", "AWS Transit Gateway quotas"
 */
export const transitGatewayHabits = {
  /** No BFD, no graceful restart; the lower hold time of the two ends holds (RFC 4271, section 4.2). */
  bgp: { keepaliveSeconds: 10, holdSeconds: 30 },
  /** Its speakers are one hop further than a neighbour, both ways. */
  ttl: 2,
  /** What a router may announce, and what the one route table takes. */
  routes: { perPeer: 1000, perTable: 10_000 },
  /**
   * Of the route beyond those AWS says nothing for Connect. As in `route-service-habits.ts`: the session ends, and it
   * listens again after a while.
   */
  idleMinutesBeyond: 1,
  /** Bytes that it carries; GRE's own come on top, and the networks around it carry 9001. */
  mtu: 8500,
} as const;

/** A Connect peer's lines in the configuration of one speaker's bgpd (FRR documentation, "BGP"). */
export function connectPeerLines(
  own: string,
  peer: { readonly address: string; readonly asn: number },
): string[] {
  const { bgp, ttl, routes, idleMinutesBeyond } = transitGatewayHabits;
  const neighbor = `neighbor ${peer.address}`;
  return [
    `${neighbor} remote-as ${String(peer.asn)}`,
    `${neighbor} ebgp-multihop ${String(ttl)}`,
    `${neighbor} timers ${String(bgp.keepaliveSeconds)} ${String(bgp.holdSeconds)}`,
    `${neighbor} timers connect 10`,
    `${neighbor} maximum-prefix ${String(routes.perPeer)} restart ${String(idleMinutesBeyond)}`,
    `${neighbor} update-source ${own}`,
  ];
}
