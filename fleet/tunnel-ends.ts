import type { Plan, PlannedLink, PlannedRegion } from "./plan";

/**
 * Ids that a region's tunnels to other regions end at: its gateways' own, or that of its pair where one address serves
 * both, and whichever gateway holds it has the tunnels; of a managed gateway, its own ends'.
 */
export function endsOf({ gateways, shared, managed }: PlannedRegion): readonly string[] {
  if (managed !== undefined) return managed.ends;
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

/** How many connections a managed gateway has: one for each own gateway that it is linked with. */
export function connectionsOf(
  region: string,
  links: readonly Pick<PlannedLink, "ends" | "tunnels">[],
): number {
  return links
    .filter(({ ends }) => ends.includes(region))
    .reduce((sum, { tunnels }) => sum + new Set(tunnels.map(({ managed }) => managed?.connection)).size, 0);
}
