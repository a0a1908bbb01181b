/** A vendor's end of one tunnel, in the words of the daemons that stand for it: what the vendor's file made of the world. */
export interface TunnelEnd {
  /** Unique in its namespace, without a dot. */
  readonly name: string;
  /** Its public address. Other tunnels may have the same, towards others. */
  readonly address: string;
  readonly router: { readonly address: string; readonly asn: number };
  /** The own address and the router's, of one network of that prefix length; 32: of none that they share. */
  readonly inside: { readonly own: string; readonly router: string; readonly prefix: 30 | 32 };
  readonly presharedKey: string;
  readonly ike: SaHabits;
  readonly esp: SaHabits;
  readonly replayWindow: number;
  /** A router's lines in the configuration of bgpd (FRR documentation, "BGP"). */
  readonly lines: readonly string[];
}

export interface SaHabits {
  /** In strongSwan's words, the preferred first. */
  readonly proposals: readonly string[];
  /** From when on its end begins to rekey, up to so much sooner, and when the SA is gone. */
  readonly rekeySeconds: number;
  readonly randomSeconds: number;
  readonly lifeSeconds: number;
}

/** What all ends of one vendor have in common. */
export interface EndHabits {
  /** Bytes that a tunnel carries. */
  readonly mtu: number;
  readonly dpdDelaySeconds: number;
  /** Until an answer is missed: so long each time, so many times again. */
  readonly retransmit: { readonly seconds: number; readonly tries: number };
  /** Who begins IKE: the router alone, or its own end as well as soon as there is something to send. */
  readonly calls: "never" | "for traffic";
}

/** The ends of one gateway: a namespace with a BGP router that speaks inside of all of them. */
export interface Site {
  /** Its namespace, and FRR's path space: without a dot. */
  readonly namespace: string;
  readonly ends: readonly TunnelEnd[];
  readonly habits: EndHabits;
}

/** What the documentation of all vendors leaves open, or says alike. */
export function routerLines(
  own: string,
  router: { readonly address: string; readonly asn: number },
  bgp: { readonly keepaliveSeconds: number; readonly holdSeconds: number },
  routes: { readonly most: number; readonly idleMinutesBeyond: number },
): string[] {
  const neighbor = `neighbor ${router.address}`;
  return [
    `${neighbor} remote-as ${String(router.asn)}`,
    `${neighbor} timers ${String(bgp.keepaliveSeconds)} ${String(bgp.holdSeconds)}`,
    `${neighbor} timers connect 10`,
    `${neighbor} maximum-prefix ${String(routes.most)} restart ${String(routes.idleMinutesBeyond)}`,
    `${neighbor} update-source ${own}`,
  ];
}
