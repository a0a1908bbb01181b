import type { Gate } from "./gate";
import { type End, endOf, isSettled, openGate, progressOf } from "./progress";
import type { Rollout, Step, Wave } from "./state";

/** What is to be done now. Each is said again until an event says that it has begun. */
export type Decision =
  | { readonly kind: "start-step"; readonly step: string; readonly attempt: number }
  | {
      readonly kind: "run-gate";
      readonly wave: number;
      readonly gate: number;
      readonly attempt: number;
      readonly what: Exclude<Gate, { kind: "approval" }>;
      /** Regions that the wave has completed. */
      readonly regions: readonly string[];
      /** Regions that have steps left, or failed ones: what they have with others is not to be judged yet. */
      readonly unsettled: readonly string[];
    }
  | {
      readonly kind: "await-approval";
      readonly wave: number;
      readonly gate: number;
      readonly attempt: number;
      /** Who cannot give it. */
      readonly notBy: readonly string[];
    }
  | { readonly kind: "return-gateway"; readonly gateway: string; readonly to: string }
  | { readonly kind: "await-resume"; readonly by: string }
  | ({ readonly kind: "end" } & End);

/**
 * What may begin, of a run as it is. Empty while all that may go on is going on. It starts nothing itself: whoever acts
 * records that something has begun, then begins it.
 */
export function next(rollout: Rollout): Decision[] {
  const progress = progressOf(rollout);
  const end = endOf(rollout, progress);
  if (end !== undefined) return [{ kind: "end", ...end }];
  if (progress.failedGate !== undefined) return returns(rollout);
  if (rollout.cancelled !== undefined || progress.stopped || progress.current === undefined) return [];
  const { wave, index } = progress.current;
  const byName = new Map(rollout.steps.map((step) => [step.name, step]));
  const own = wave.steps.flatMap((name) => byName.get(name) ?? []);
  const gates = own.every((step) => isSettled(step, progress.blocked))
    ? nextGate(rollout, wave, index, own)
    : undefined;
  // A pause keeps nobody from saying yes or no: that starts nothing.
  if (rollout.paused !== undefined)
    return [
      { kind: "await-resume", by: rollout.paused.by },
      ...(gates ?? []).filter(({ kind }) => kind === "await-approval"),
    ];
  if (gates !== undefined) return gates;
  const ready = own.filter(
    ({ name, status, needs }) =>
      status === "waiting" &&
      !progress.blocked.has(name) &&
      needs.every((need) => byName.get(need)?.status === "succeeded"),
  );
  const room = Math.max(0, rollout.options.parallel - progress.running.length);
  return ready
    .slice(0, room)
    .map(({ name, attempts }) => ({ kind: "start-step", step: name, attempt: attempts + 1 }));
}

/** One after the other: what stands later may rest on what stands before. */
function nextGate(rollout: Rollout, wave: Wave, index: number, own: readonly Step[]): Decision[] {
  const at = openGate(wave, own) ?? 0;
  const open = wave.gates[at];
  if (open === undefined || open.status === "running") return [];
  const place = { wave: index, gate: at, attempt: open.attempt };
  const { gate: what } = open;
  if (what.kind === "approval")
    return [{ kind: "await-approval", ...place, notBy: what.by === "another" ? rollout.askedBy : [] }];
  const unsettled = rollout.steps
    .filter(({ status }) => status !== "succeeded")
    .flatMap(({ region }) => region ?? []);
  return [
    { kind: "run-gate", ...place, what, regions: wave.completes, unsettled: [...new Set(unsettled)].sort() },
  ];
}

/** One gateway of a region at a time, so that its partner carries on. */
function returns({ returns: begun, options }: Rollout): Decision[] {
  const gateways = begun?.gateways ?? [];
  const running = gateways.filter(({ status }) => status === "running");
  const busy = new Set(running.map(({ region }) => region));
  const free = gateways.filter(({ status, region }) => {
    if (status !== "waiting" || busy.has(region)) return false;
    busy.add(region);
    return true;
  });
  return free
    .slice(0, Math.max(0, options.parallel - running.length))
    .map(({ gateway, to }) => ({ kind: "return-gateway", gateway, to }));
}
