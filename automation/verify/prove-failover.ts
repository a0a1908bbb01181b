import { rulesOf } from "trunkline/fleet/clouds";
import { detectionSeconds } from "trunkline/fleet/liveness";
import { homeOf, type Plan } from "trunkline/fleet/plan";
import { Failure } from "../failure";
import { type GatewayAccess, withAccess } from "../gateway-access";
import { drainGateway, undrainGateway } from "../operations/drain";
import type { LiveFleet } from "../session";
import type { Site } from "../site";
import { loseGateway } from "./failover";
import { type PlannedLoss, plannedLosses, type Loss } from "./failover.plan";
import { type FailoverMarks, failoverMarks, failoverProofs, movedMarks } from "./judge-failover";
import type { Proof } from "./proof";

export interface ProveFailoverOptions {
  readonly losses: readonly Loss[];
  /** One gateway's id; absent: each in turn. */
  readonly gateway?: string;
  /** Of everything else: a fleet that does not hold is not hurt further. */
  readonly others: readonly Proof[];
  readonly stop?: AbortSignal;
  onProgress?(step: string): void;
}

/**
 * Each gateway loses each thing, one after the other, while workloads talk.
 * @throws Failure `interrupted` once what was taken is back; `badInput` at a site that cannot take anything
 */
export async function proveFailover(
  plan: Plan,
  live: LiveFleet,
  site: Site,
  options: ProveFailoverOptions,
): Promise<Proof[]> {
  const { probes } = site;
  if (probes === undefined) throw cannotTake();
  const machines = new Map(
    live.regions.flatMap(({ gateways }) => gateways.map(({ id, instanceId }) => [id, instanceId] as const)),
  );
  const failing = options.others.filter(({ status }) => status === "fail").length;
  let obstacle = failing === 0 ? undefined : `${String(failing)} other proofs fail: mend that first.`;
  const proofs: Proof[] = [];
  await withAccess(site, live, async (access) => {
    for (const planned of plannedLosses(plan, options.losses, options.gateway)) {
      const { gateway, loss } = planned;
      const instanceId = machines.get(gateway);
      const because =
        obstacle ?? planned.untestable ?? (instanceId === undefined ? "It is not up." : undefined);
      if (because !== undefined || instanceId === undefined) {
        proofs.push(notTried(planned, because ?? ""));
        continue;
      }
      const started = performance.now();
      const status = (id: string) => access.status(id);
      await bringAddress(plan, access, gateway, options);
      options.onProgress?.(`${gateway}: workloads talk, ${loss} is next`);
      const failover = await loseGateway(plan, { id: gateway, instanceId }, loss, probes, status, options);
      const seconds = (performance.now() - started) / 1000;
      const own = failoverProofs(failover, marksOf(plan, gateway, probes.routeServiceSeconds), seconds);
      for (const { subject, observed } of own) options.onProgress?.(`${subject}: ${observed}`);
      proofs.push(...own);
      if (failover.back === "never") obstacle = `${gateway} did not carry traffic again.`;
    }
  });
  return proofs;
}

/** Of a site without power switches, before anything is touched. */
export function cannotTake(): Failure {
  return new Failure(
    "badInput",
    "--failover takes power and cables from gateways, which Trunkline does in the lab alone; nothing was touched.",
    "Add --lab, or leave --failover out.",
  );
}

function notTried({ gateway, loss }: PlannedLoss, because: string): Proof {
  return {
    id: `failover/${gateway}/${loss}`,
    kind: "failover",
    subject: `${gateway}/${loss}`,
    expected: "traffic goes on",
    observed: "not tried",
    status: "skip",
    evidence: because,
    seconds: 0,
  };
}

/**
 * Where a pair shares an address, to this gateway: the other loses nothing that anybody would miss.
 * @throws Failure as a drain does
 */
async function bringAddress(
  plan: Plan,
  access: GatewayAccess,
  gateway: string,
  { stop, onProgress }: ProveFailoverOptions,
): Promise<void> {
  const region = homeOf(plan, gateway);
  const other = region?.gateways.find(({ id }) => id !== gateway);
  if (region?.shared === undefined || other === undefined) return;
  if ((await access.status(gateway)).cloudRoutes?.address?.here === true) return;
  const asked = {
    stop: stop ?? new AbortController().signal,
    onProgress: (step: string): void => onProgress?.(step),
  };
  try {
    await drainGateway(plan, access, other.id, asked);
  } finally {
    await undrainGateway(plan, access, other.id, asked);
  }
}

/** Where no route service with BFD follows the gateways, it takes as long as timers do. */
function marksOf(plan: Plan, gateway: string, routeServiceSeconds: number): FailoverMarks {
  const home = homeOf(plan, gateway);
  const timed =
    home === undefined || (home.routeService.kind === "service" && rulesOf(home.cloud).session.bfd)
      ? undefined
      : home.routeService.facts;
  if (home?.shared !== undefined && timed !== undefined) return movedMarks(timed.failoverSeconds.most);
  const noticed = detectionSeconds(plan);
  // BFD keeps to the slower one of both ends.
  return failoverMarks(noticed, timed?.failoverSeconds.most ?? Math.max(noticed, routeServiceSeconds));
}
