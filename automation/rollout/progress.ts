import type { GatewayReturn, GateState, Rollout, Step, Wave } from "./state";

/** Where a run stands, derived from its state: nothing of it is kept twice. */
export interface Progress {
  /** The first wave that is not through; absent: all are. */
  readonly current?: { readonly index: number; readonly wave: Wave };
  readonly running: readonly Step[];
  readonly failed: readonly Step[];
  /** Names of steps that wait for one that will not come. */
  readonly blocked: ReadonlySet<string>;
  /** So many steps have failed, or the canary's has or cannot go any more, that nothing new starts. */
  readonly stopped: boolean;
  readonly failedGate?: GateState;
}

export function progressOf(rollout: Rollout): Progress {
  const { steps, waves, options } = rollout;
  const byName = new Map(steps.map((step) => [step.name, step]));
  const failed = steps.filter(({ status }) => status === "failed");
  const blocked = failed.length === 0 ? new Set<string>() : blockedBy(failed, steps);
  const canaries = waves.flatMap((wave) => (wave.kind === "canary" ? wave.steps : []));
  const tolerated = options.failuresTolerated === "any" ? Infinity : options.failuresTolerated;
  const through = (wave: Wave): boolean => {
    const own = wave.steps.flatMap((name) => byName.get(name) ?? []);
    return own.every((step) => isSettled(step, blocked)) && openGate(wave, own) === undefined;
  };
  const index = waves.findIndex((wave) => !through(wave));
  const wave = waves[index];
  const failedGate = waves.flatMap(({ gates }) => gates).find(({ status }) => status === "failed");
  return {
    ...(wave === undefined ? {} : { current: { index, wave } }),
    running: steps.filter(({ status }) => status === "running"),
    failed,
    blocked,
    stopped:
      failed.length > tolerated ||
      canaries.some((name) => blocked.has(name) || byName.get(name)?.status === "failed"),
    ...(failedGate === undefined ? {} : { failedGate }),
  };
}

function blockedBy(failed: readonly Step[], steps: readonly Step[]): ReadonlySet<string> {
  const missing = new Set(failed.map(({ name }) => name));
  const blocked = new Set<string>();
  for (const { name, status, needs } of steps) {
    if (status !== "waiting" || !needs.some((need) => missing.has(need))) continue;
    missing.add(name);
    blocked.add(name);
  }
  return blocked;
}

/**
 * Where the first gate stands that a wave is not through. A wave that changed nothing has nothing to judge; a person's word is
 * asked for all the same.
 */
export function openGate({ gates }: Wave, own: readonly Step[]): number | undefined {
  // A step that failed has not said what it has changed; before the first wave there are no steps at all.
  const touched = own.length === 0 || own.some(({ changed, status }) => changed || status === "failed");
  const at = gates.findIndex(
    ({ status, gate }) =>
      status !== "passed" && (status !== "pending" || touched || gate.kind === "approval"),
  );
  return at < 0 ? undefined : at;
}

/** Nothing of it is left to do in this attempt. */
export function isSettled({ name, status }: Step, blocked: ReadonlySet<string>): boolean {
  return status === "succeeded" || status === "failed" || blocked.has(name);
}

export type Outcome = "done" | "failed" | "rolled-back" | "cancelled";

/** A step that was not done in this attempt, and why. */
export interface Left {
  readonly step: string;
  readonly because: string;
}

export interface End {
  readonly outcome: Outcome;
  readonly because?: string;
  /** Of the gate that failed. */
  readonly evidence: readonly string[];
  readonly left: readonly Left[];
}

/** How a run has ended, or undefined while it goes on. */
export function endOf(rollout: Rollout, progress: Progress = progressOf(rollout)): End | undefined {
  const { running, current, stopped, failedGate, failed, blocked } = progress;
  if (running.length > 0) return undefined;
  if (failedGate !== undefined) return endOfReturns(rollout, failedGate, blocked);
  if (current === undefined && failed.length === 0) return { outcome: "done", evidence: [], left: [] };
  const cancelled = current === undefined ? undefined : rollout.cancelled;
  if (current !== undefined && cancelled === undefined && !stopped) return undefined;
  const why = failed.map(({ name, because }) => `${name}: ${because ?? "it failed"}`);
  return {
    outcome: cancelled === undefined ? "failed" : "cancelled",
    because: [...(cancelled === undefined ? [] : [`${cancelled.by} cancelled the run`]), ...why].join("\n"),
    evidence: [],
    left: leftOf(rollout, blocked),
  };
}

function leftOf({ steps, cancelled }: Rollout, blocked: ReadonlySet<string>): Left[] {
  const otherwise =
    cancelled === undefined ? "nothing new starts after what failed" : "the run was cancelled";
  return steps
    .filter(({ status }) => status === "waiting" || status === "returned")
    .map(({ name, status }) => ({
      step: name,
      because: blocked.has(name)
        ? "a stack that it needs did not succeed"
        : status === "returned"
          ? "its gateways went back"
          : otherwise,
    }));
}

/** On a failed gate the wave's gateways go back first; whoever cancels meanwhile does not stop them. */
function endOfReturns(rollout: Rollout, gate: GateState, blocked: ReadonlySet<string>): End | undefined {
  const { returns, waves } = rollout;
  const gateways = returns?.gateways ?? [];
  if (gateways.some(({ status }) => status === "waiting" || status === "running")) return undefined;
  const because = `the gate ${gate.gate.kind} failed: ${gate.because ?? ""}`;
  const stay = stayingOf(gateways);
  const { evidence } = gate;
  const left = leftOf(rollout, blocked);
  if (gateways.length > 0 && stay.length === 0) return { outcome: "rolled-back", because, evidence, left };
  const nothing =
    (waves[returns?.wave ?? -1]?.steps.length ?? 0) === 0
      ? "nothing was touched"
      : "no gateway of the wave has an earlier release to go back to";
  const rest = gateways.length === 0 ? [nothing] : stay;
  return { outcome: "failed", because: [because, ...rest].join("\n"), evidence, left };
}

function stayingOf(gateways: readonly GatewayReturn[]): string[] {
  return gateways
    .filter(({ status }) => status === "failed")
    .map(({ gateway, because }) => `${gateway} did not go back: ${because ?? ""}`);
}
