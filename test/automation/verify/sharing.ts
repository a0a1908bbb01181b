import assert from "node:assert/strict";
import { hostOf } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { tunnelsWhereHeld } from "../../../automation/verify/shared-address";
import { samplePlan, withMovedAddress } from "../../components/sample-plan";
import { healthyFleet } from "./healthy";

/** Two regions; the pair of use1 shares an address. */
export const plan = withMovedAddress(samplePlan(["euw1", "use1"]), "use1");
const region = plan.regions.find(({ name }) => name === "use1");
assert.ok(region !== undefined);
export const use1 = region;
const [found] = use1.pairTunnels;
assert.ok(found !== undefined);
/** The tunnel between its gateways. */
export const pair = found;

/** Everything holds, and `holder` has the address. */
export async function sharingFleet(holder: "use1-a" | "use1-b"): Promise<{
  readonly statuses: Map<string, GatewayStatus>;
  readonly issued: Map<string, string>;
}> {
  const other = holder === "use1-a" ? "use1-b" : "use1-a";
  const healthy = await healthyFleet(
    tunnelsWhereHeld(
      plan,
      new Map([
        [holder, said(holder, holder)],
        [other, said(other, holder)],
      ]),
    ),
  );
  const { statuses, issued } = healthy;
  const remote = use1.routeService.announced ?? [];
  for (const [id, status] of statuses) {
    if (!id.startsWith("use1-")) continue;
    const stands = id === other;
    const device = pair.ends.find(({ gateway }) => gateway === id)?.interface ?? "";
    const partner = hostOf(pair.ends.find(({ gateway }) => gateway !== id)?.inside ?? "");
    statuses.set(id, {
      ...status,
      cloudRoutes: said(id, holder).cloudRoutes,
      neighbours: status.neighbours.map((neighbour) =>
        neighbour.address === partner
          ? { ...neighbour, received: stands ? [...remote] : [], sent: stands ? [] : [...remote] }
          : neighbour,
      ),
      routes: stands ? remote.map((prefix) => ({ prefix, nextHops: [device] })) : status.routes,
    });
  }
  return { statuses, issued };
}

/** What a gateway says of the address; the rest of its status is filled in elsewhere. */
export function said(id: string, holder: string): GatewayStatus {
  const empty = { neighbours: [], ikeSas: [], certificates: [], interfaces: [], bfd: [], routes: [] };
  return {
    format: "trunkline.status/1",
    clock: 0,
    release: {},
    drained: [],
    forwarded: {},
    ...empty,
    cloudRoutes: {
      act: id === holder ? "hold" : "leave",
      why: "",
      holders: [holder],
      partners: {},
      moves: 0,
      movedAt: null,
      failed: null,
      address: { holder, here: id === holder },
    },
  };
}
