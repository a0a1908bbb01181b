/** A region's gateways are named by these, in this order. */
const letters = ["a", "b", "c", "d"] as const;
export type GatewayLetter = (typeof letters)[number];

/** Gateways that a region may have. */
export const mostGateways = letters.length;

/** Letters of the first `count` gateways, 1 to 4. */
export function gatewayLetters(count: number): readonly GatewayLetter[] {
  return letters.slice(0, count);
}
