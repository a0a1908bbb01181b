import type { GatewayStatus } from "trunkline/gateway/status";
import { table } from "./table";

/** Each gateway in a line: release, SAs, sessions, and what is out of the ordinary. */
export function statusText(statuses: Readonly<Record<string, GatewayStatus>>): string {
  return table(Object.entries(statuses).map(([id, status]) => cellsOf(id, status)));
}

function cellsOf(id: string, status: GatewayStatus): string[] {
  const { release, ikeSas, neighbours, drained } = status;
  const up = ikeSas.filter(({ state }) => state === "ESTABLISHED").length;
  const bgp = neighbours.filter(({ state }) => state === "Established").length;
  return [
    id,
    `release ${(release.current ?? "none").slice(0, 12)}`,
    `IKE SAs ${String(up)}/${String(ikeSas.length)}`,
    `BGP ${String(bgp)}/${String(neighbours.length)}`,
    [
      ...routesText(status.cloudRoutes ?? undefined),
      ...(drained.length === 0 ? [] : [`drained (${drained.join(", ")})`]),
    ].join("  "),
  ];
}

/** Where gateways move their network's routes: whom these lead to, or why that is not known. */
function routesText(routes: NonNullable<GatewayStatus["cloudRoutes"]> | undefined): string[] {
  if (routes === undefined) return [];
  if (routes.failed !== null) return [`routes unknown (${routes.failed.error})`];
  return [
    `routes lead to ${routes.holders.join(" and ") || "nobody"}`,
    ...(routes.address?.here === true ? ["holds the pair's address"] : []),
  ];
}
