import type { ReturnResult, StepResult } from "./drive";
import type { RolloutEvent } from "./event";
import type { Rollout } from "./state";

/** What there is to record of a step that has ended. */
export function stepEnded(step: string, attempt: number, result: StepResult): RolloutEvent {
  const released = [...(result.released ?? [])];
  return result.outcome === "succeeded"
    ? { kind: "step-succeeded", step, attempt, changed: result.changed, released }
    : { kind: "step-failed", step, attempt, because: result.because, released };
}

/** The same of a gateway that was to go back. */
export function returnEnded(gateway: string, result: ReturnResult): RolloutEvent {
  return result.outcome === "returned"
    ? { kind: "returned", gateway }
    : { kind: "return-failed", gateway, because: result.because };
}

/** Unsettled regions in which this run has changed something: what was true of them before says nothing any more. */
export function disturbedOf({ steps }: Rollout, unsettled: readonly string[]): string[] {
  const changed = steps
    .filter((step) => step.changed || step.status === "failed")
    .flatMap(({ region }) => region ?? []);
  return unsettled.filter((region) => changed.includes(region));
}
