import type { Plan } from "./plan";

/** A peer is lost when so many BFD packets in a row do not come (RFC 5880, Detect Mult). */
const detectMultiplier = 3;

/** Seconds until BFD has noticed that a gateway is gone, where that takes longest: two ends keep to the slower one. */
export function detectionSeconds({ regions }: Pick<Plan, "regions">): number {
  return (Math.max(...regions.map(({ bfdMilliseconds }) => bfdMilliseconds)) * detectMultiplier) / 1000;
}
