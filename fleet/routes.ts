/**
 * How the region's own network finds the gateways. `service`: they speak BGP with the cloud's route service, and the
 * route tables follow. `agent`: the route tables hold static routes to one gateway's network interface, and a gateway
 * that takes over replaces them through the cloud's API. `transit-gateway`: the route tables lead to a transit gateway,
 * which speaks BGP with the gateways inside GRE and spreads flows over all of them.
 */
export const routesChoices = ["service", "agent", "transit-gateway"] as const;
export type RoutesChoice = (typeof routesChoices)[number];

/**
 * The fences of `agent`, in seconds; `gateway/host` is told them.
 * - `hold`: after so long without a word of BGP the partner's session ends (RFC 4271; `timers 1 3` within the pair).
 * - `wait`: a partner whose session has ended is taken for gone after so long again.
 * - `look`: a gateway looks at its daemons so often.
 * - `again`: a moved address has its tunnels and routes again after so long, when its peers answer.
 * - `first`: what a gateway that has just started, and has not heard its partner yet, waits before it takes it for gone.
 * - `unable`: a partner that lives and has lost all its tunnels has so long to get them back; twice as long after each move
 *   that did not help, for it may be that no peer is there.
 */
export const agentSeconds = { hold: 3, wait: 3, look: 1, again: 6, first: 60, unable: 30 } as const;

/** What a region's choice costs by month, and how long its network sends to a gateway that is lost. */
export interface RoutesFacts {
  /** US dollars by month of 730 hours, before traffic, at the price published for us-east-1. */
  readonly dollarsPerMonth: number;
  /** What the price stands on. */
  readonly priceFrom: string;
  /** Seconds from the loss of the gateway that the tables send to, until they send to another. */
  readonly failoverSeconds: { readonly least: number; readonly most: number };
  /** What the seconds stand on, and what they leave out. */
  readonly failoverFrom: string;
}
