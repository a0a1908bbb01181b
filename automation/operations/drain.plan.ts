import { allTunnels, homeOf, hostOf, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";

/** Status by gateway id; a gateway that does not answer is absent. */
export type Answers = ReadonlyMap<string, GatewayStatus>;

/**
 * Why the traffic of a gateway has nowhere else to go, a sentence per reason; empty: it may be drained. Another gateway
 * of the region takes over when it is not drained itself and has a session with each region that the two have links with.
 */
export function drainObstacles(plan: Plan, gateway: string, answers: Answers): string[] {
  const region = homeOf(plan, gateway);
  const others = (region?.gateways ?? []).filter(({ id }) => id !== gateway);
  if (region === undefined || others.length === 0)
    return [`${gateway} is the only gateway of its region: there is no other way to move its traffic to.`];
  const reasons = others.map(({ id }) => obstacleAt(plan, region.name, id, answers.get(id)));
  return reasons.includes(undefined) ? [] : reasons.filter((reason) => reason !== undefined);
}

function obstacleAt(
  plan: Plan,
  region: string,
  id: string,
  status: GatewayStatus | undefined,
): string | undefined {
  if (status === undefined) return `${id} does not answer.`;
  if (status.drained.length > 0) return `${id} is drained itself (${status.drained.join(", ")}).`;
  const up = new Set(
    status.neighbours.filter(({ state }) => state === "Established").map(({ address }) => address),
  );
  const cut = plan.links
    .filter(({ ends }) => ends.includes(region))
    .filter(
      ({ tunnels }) =>
        !tunnels.some(({ ends: [one, other] }) => {
          const peer = one.gateway === id ? other : other.gateway === id ? one : undefined;
          return peer !== undefined && up.has(hostOf(peer.inside));
        }),
    )
    .map(({ ends }) => ends.find((end) => end !== region) ?? "");
  return cut.length === 0 ? undefined : `${id} has no session with ${cut.join(", ")}.`;
}

/** Sessions of a gateway's tunnels that are not established, by peer's gateway id; empty: all are. */
export function sessionsMissing(plan: Plan, gateway: string, status: GatewayStatus): string[] {
  const up = new Set(
    status.neighbours.filter(({ state }) => state === "Established").map(({ address }) => address),
  );
  return allTunnels(plan).flatMap(({ ends: [one, other] }) => {
    const peer = one.gateway === gateway ? other : other.gateway === gateway ? one : undefined;
    return peer === undefined || up.has(hostOf(peer.inside)) ? [] : [peer.gateway];
  });
}
