import { allTunnels, homeOf, hostOf, type Plan, type PlannedRegion } from "trunkline/fleet/plan";
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
  const reasons = others.map(({ id }) =>
    region.shared === undefined
      ? obstacleAt(plan, region.name, id, answers.get(id))
      : obstacleToTake(id, answers.get(id)),
  );
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
  const up = established(status);
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
  // What the network sends comes by it: without a session nothing would come to this gateway.
  const speakers = speakersOf(plan, id);
  if (speakers.length > 0 && !speakers.some((address) => up.has(address)))
    cut.push("its region's transit gateway");
  return cut.length === 0 ? undefined : `${id} has no session with ${cut.join(", ")}.`;
}

/** Addresses of the peers that a gateway has sessions with. */
function established({ neighbours }: GatewayStatus): ReadonlySet<string> {
  return new Set(neighbours.filter(({ state }) => state === "Established").map(({ address }) => address));
}

/** Of a pair that shares an address the other has no session with other regions before it takes it. */
function obstacleToTake(id: string, status: GatewayStatus | undefined): string | undefined {
  if (status === undefined) return `${id} does not answer.`;
  if (status.drained.length > 0) return `${id} is drained itself (${status.drained.join(", ")}).`;
  const failed = status.cloudRoutes?.failed;
  if (failed !== null) return `${id} cannot move the address: ${failed?.error ?? "it says nothing of it"}.`;
  return status.neighbours.some(({ state }) => state === "Established")
    ? undefined
    : `${id} does not hear its partner.`;
}

/** Whether a gateway holds its pair's address, and has all its tunnels' sessions. */
export function hasTaken(plan: Plan, region: PlannedRegion, status: GatewayStatus): boolean {
  return (
    region.shared !== undefined &&
    status.cloudRoutes?.address?.here === true &&
    status.cloudRoutes.act === "hold" &&
    sessionsMissing(plan, region.shared.id, status).length === 0
  );
}

/** Addresses of the transit gateway's speakers that the gateway has sessions with; none where it has no transit gateway. */
export function speakersOf(plan: Plan, gateway: string): readonly string[] {
  const service = homeOf(plan, gateway)?.routeService;
  return service?.kind === "transit-gateway"
    ? (service.peers.find((peer) => peer.gateway === gateway)?.speakers ?? [])
    : [];
}

/**
 * Sessions of a gateway that are not established: of its tunnels by peer's gateway id, and with its region's transit
 * gateway; empty: all are.
 * @param gateway or the pair that shares an address: those of whoever holds it
 */
export function sessionsMissing(plan: Plan, gateway: string, status: GatewayStatus): string[] {
  const up = established(status);
  const missing = allTunnels(plan).flatMap(({ ends: [one, other] }) => {
    const peer = one.gateway === gateway ? other : other.gateway === gateway ? one : undefined;
    return peer === undefined || up.has(hostOf(peer.inside)) ? [] : [peer.gateway];
  });
  return [
    ...missing,
    ...(speakersOf(plan, gateway).every((address) => up.has(address))
      ? []
      : ["its region's transit gateway"]),
  ];
}
