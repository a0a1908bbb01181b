import type { PlannedRegion } from "trunkline/fleet/plan";
import type { Statuses } from "./judge-gateways";
import { type Judgement, judged } from "./proof";

/** Where gateways move their network's routes: all of these lead to one gateway, which carries, and all agree on it. */
export function judgeCloudRoutes(regions: readonly PlannedRegion[], statuses: Statuses): Judgement[] {
  return regions
    .filter(({ routeService }) => routeService.kind === "agent")
    .map(({ name, gateways }) => {
      const told = gateways.map(({ id }) => {
        const status = statuses.get(id);
        const routes = status === undefined || "silent" in status ? undefined : status.cloudRoutes;
        return { id, routes: routes ?? undefined };
      });
      const holders = new Set(told.map(({ routes }) => routes?.holders.join(" and ") ?? ""));
      const [holder = ""] = holders;
      const holds =
        holders.size === 1 &&
        told.every(({ id, routes }) => {
          if (routes === undefined || routes.failed !== null) return false;
          return (routes.act === "hold") === (id === holder) && routes.act !== "take";
        }) &&
        told.some(({ id }) => id === holder);
      return judged(
        "prefixes",
        `${name}~route-tables`,
        "all routes to other regions lead to one gateway, and every gateway says so",
        told
          .map(({ id, routes }) =>
            routes === undefined
              ? `${id}: says nothing`
              : `${id}: ${routes.failed?.error ?? `${routes.holders.join(" and ") || "nobody"}, ${routes.why}`}`,
          )
          .join("; "),
        holds,
        `trunkline-gateway status of ${gateways.map(({ id }) => id).join(", ")}: cloudRoutes`,
      );
    });
}
