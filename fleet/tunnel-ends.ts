import type { Plan, PlannedRegion } from "./plan";

/**
 * Ids that a region's tunnels to other regions end at: its gateways' own, or that of its pair where one address serves
 * both, and whichever gateway holds it has the tunnels.
 */
export function endsOf({ gateways, shared }: PlannedRegion): string[] {
  return shared === undefined ? gateways.map(({ id }) => id) : [shared.id];
}

/** The end at which a gateway has its tunnels to other regions. */
export function endOf({ shared }: PlannedRegion, gateway: string): string {
  return shared?.id ?? gateway;
}

/** Gateways that may have the tunnels of an end: itself, or both of a pair that shares its address. */
export function gatewaysAt({ regions }: Pick<Plan, "regions">, end: string): string[] {
  const pair = regions.find(({ shared }) => shared?.id === end);
  return pair === undefined ? [end] : pair.gateways.map(({ id }) => id);
}
