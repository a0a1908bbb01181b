import { Failure } from "../failure";
import type { RolloutEvent } from "./event";
import { type Decision, next } from "./next";
import type { Left } from "./progress";
import { record } from "./record";
import type { Rollout } from "./state";

export type StepResult =
  | { readonly outcome: "succeeded"; readonly changed: boolean }
  | { readonly outcome: "failed"; readonly because: string };

/** What acts. Neither may throw: what goes wrong is a result. */
export interface Hands {
  step(name: string): Promise<StepResult>;
  /** Ends early where nothing new is to start any more. */
  soak(seconds: number, regions: readonly string[]): Promise<void>;
}

/**
 * Acts on the decisions of a run until it ends, in this process and in its memory alone. Of gates it has the soak.
 * @param stop cancels the run: what runs is finished
 * @returns the steps that were not done, and why
 * @throws Failure `badInput` for a run with a gate that it cannot ask, before anything begins
 */
export async function drive(begun: Rollout, stop: AbortSignal, hands: Hands): Promise<readonly Left[]> {
  const foreign = begun.waves.flatMap(({ gates }) => gates).find(({ gate }) => gate.kind !== "soak");
  if (foreign !== undefined)
    throw new Failure("badInput", `Nobody here asks a gate of kind ${foreign.gate.kind}.`, "Leave it out.");
  let rollout = begun;
  const running = new Set<Promise<void>>();
  const tell = (event: RolloutEvent): void => {
    const result = record(rollout, event);
    if (!result.ok) throw new Error(`${event.kind}: ${result.because}`);
    rollout = result.rollout;
  };
  const work = (promise: Promise<void>): void => {
    const tracked = promise.finally(() => running.delete(tracked));
    running.add(tracked);
  };
  for (;;) {
    let decisions = next(rollout);
    const cancels = stop.aborted && rollout.cancelled === undefined && decisions[0]?.kind !== "end";
    if (cancels) {
      tell({ kind: "cancel-asked", by: "an interrupt" });
      decisions = next(rollout);
    }
    for (const decision of decisions) {
      if (decision.kind === "end") {
        await Promise.all(running);
        return decision.left;
      }
      work(begin(decision));
    }
    await Promise.race(running);
  }

  async function begin(decision: Exclude<Decision, { kind: "end" }>): Promise<void> {
    switch (decision.kind) {
      case "start-step": {
        const { step, attempt } = decision;
        tell({ kind: "step-started", step, attempt });
        const result = await hands.step(step);
        tell(
          result.outcome === "succeeded"
            ? { kind: "step-succeeded", step, attempt, changed: result.changed, released: [] }
            : { kind: "step-failed", step, attempt, because: result.because, released: [] },
        );
        return;
      }
      case "run-gate": {
        const { wave, gate, attempt, what, regions } = decision;
        tell({ kind: "gate-started", wave, gate, attempt, at: new Date().toISOString() });
        if (what.kind === "soak") await hands.soak(what.seconds, regions);
        // One that was cut short is over, too: the run is cancelled before anything else starts.
        tell({ kind: "gate-passed", wave, gate, attempt, evidence: [] });
        return;
      }
      case "await-approval":
      case "return-gateway":
      case "await-resume":
        throw new Error(`Nobody here does ${decision.kind}.`);
    }
  }
}
