import { allTunnels, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { counted } from "../counted";
import { messageOf } from "../failure";
import type { GatewayAccess } from "../gateway-access";
import { betweenQuestions } from "../pause";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import type { RunResult } from "../site";
import { bounded } from "./evidence";
import { type Seen, seenOf } from "./releases.plan";

/** What the gate asks a gateway: `GatewayAccess` is one. */
export type Questions = Pick<GatewayAccess, "gateways" | "run" | "status" | "renew">;

export interface HealthRequest {
  readonly plan: Plan;
  readonly asked: Pick<AskedGate, "regions" | "disturbed">;
  /** By gateway: what it said before the run. */
  readonly before: ReadonlyMap<string, Seen>;
  readonly access: Questions;
  readonly stop: AbortSignal;
  readonly deadlineSeconds: number;
}

/**
 * Of each gateway of the wave's regions: a new connection is let in, its daemons run and take all of its release, and every
 * tunnel that was up before is up. Asked again until the deadline: the last answer counts.
 */
export async function askHealth(request: HealthRequest): Promise<GateAnswer> {
  const { plan, asked, access, stop, deadlineSeconds } = request;
  const gateways = plan.regions
    .filter(({ name }) => asked.regions.includes(name))
    .flatMap((region) => region.gateways.map(({ id }) => id));
  const deadline = performance.now() + deadlineSeconds * 1000;
  for (;;) {
    const found = await Promise.all(gateways.map((gateway) => faultsOf(gateway, request)));
    const faults = found.flat();
    if (faults.length === 0)
      return { outcome: "passed", evidence: [`${counted(gateways.length, "gateway")} healthy`] };
    if (stop.aborted) return { outcome: "interrupted" };
    if (performance.now() > deadline)
      return {
        outcome: "failed",
        because: `${String(found.filter(({ length }) => length > 0).length)} of ${counted(gateways.length, "gateway")} not healthy`,
        evidence: bounded(faults),
      };
    for (const gateway of gateways) if (access.gateways.includes(gateway)) access.renew(gateway);
    await betweenQuestions(stop);
  }
}

async function faultsOf(gateway: string, { plan, asked, before, access }: HealthRequest): Promise<string[]> {
  try {
    const said = await access.run(gateway, "trunkline-gateway health", 60);
    if (said.code !== 0) return [faultText(gateway, said)];
    const fallen = fallenTunnels(plan, asked.disturbed, before.get(gateway), await access.status(gateway));
    return fallen.map((id) => `${gateway}: the tunnel ${id} was up before and is not`);
  } catch (thrown) {
    return [`${gateway}: ${messageOf(thrown)}`];
  }
}

function faultText(gateway: string, { code, stderr }: RunResult): string {
  const said = stderr.trim().slice(0, 500);
  // 255 is ssh's own.
  return code === 255 ? `${gateway} does not let a new connection in: ${said}` : `${gateway}: ${said}`;
}

/** Tunnels that were up and are to be there still; not with a region that has been changed and waits for its release. */
export function fallenTunnels(
  plan: Plan,
  disturbed: readonly string[],
  before: Seen | undefined,
  now: GatewayStatus,
): string[] {
  const up = seenOf(now).tunnels;
  const kept = allTunnels(plan)
    .filter(({ ends }) => !ends.some(({ region }) => disturbed.includes(region)))
    .map(({ id }) => id);
  return (before?.tunnels ?? []).filter((id) => kept.includes(id) && !up.includes(id));
}
