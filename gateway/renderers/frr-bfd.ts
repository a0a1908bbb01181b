import type { PlannedRegion } from "../../fleet/plan";

const profile = "sessions";
/** FRR documentation, "BFD": `transmit-interval` and `receive-interval` where nothing is said. */
const unsaidMilliseconds = 300;

/**
 * How often BFD speaks. Of a profile a reload changes a line, and the session goes on; a neighbour's own timers it would take
 * away and put there again. FRR's own values stand in nothing that it shows of itself: three times, 300 ms each way.
 * @see FRR documentation, "BFD"
 */
export function bfdTimers({ bfdMilliseconds }: PlannedRegion): string {
  const lines =
    bfdMilliseconds === unsaidMilliseconds
      ? []
      : [`  transmit-interval ${String(bfdMilliseconds)}`, `  receive-interval ${String(bfdMilliseconds)}`];
  return ["bfd", ` profile ${profile}`, ...lines, " exit", " !", "exit", ""].join("\n");
}

/** Both lines, as FRR shows them: a reload takes away what it shows and does not find. */
export function bfdNeighbour(address: string): string[] {
  return [`neighbor ${address} bfd`, `neighbor ${address} bfd profile ${profile}`];
}

/**
 * After the line `bfd`: a multihop session of BFD is not begun without its own address, and learns it from this line
 * alone while BGP is down; FRR opens no BGP session to a peer whose BFD is down. In the other order two ends wait for
 * each other for good (FRR 10.3, `_bfd_sess_valid` and `peer_active`).
 */
export function bfdSource(address: string, own: string): string {
  return `neighbor ${address} update-source ${own}`;
}
