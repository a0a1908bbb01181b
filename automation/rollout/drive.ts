import { Failure } from "../failure";
import type { RolloutEvent } from "./event";
import { type AskedGate, type GateAnswer, isAsked } from "./gate-answer";
import { type Decision, next } from "./next";
import type { End } from "./progress";
import { record } from "./record";
import { disturbedOf, returnEnded, stepEnded } from "./results";
import type { ReleaseChange, Rollout } from "./state";

export type StepResult = (
  | { readonly outcome: "succeeded"; readonly changed: boolean }
  | { readonly outcome: "failed"; readonly because: string }
) & {
  /** Gateways that run another release now, also where it failed halfway; absent: none. */
  readonly released?: readonly ReleaseChange[];
};

export type ReturnResult =
  { readonly outcome: "returned" } | { readonly outcome: "failed"; readonly because: string };

/** What acts. None may throw: what goes wrong is a result. */
export interface Hands {
  step(name: string): Promise<StepResult>;
  /** Ends early where nothing new is to start any more. */
  soak(seconds: number, regions: readonly string[]): Promise<void>;
  /** The same; one that is cut short so has shown nothing. */
  gate(asked: AskedGate): Promise<GateAnswer>;
  /** The gates of a wave have all passed: what these steps brought is proven. */
  proven(steps: readonly string[]): void;
  /** Brings a gateway to the release before: nobody stops that. */
  goBack(gateway: string, to: string): Promise<ReturnResult>;
}

/**
 * Acts on the decisions of a run until it ends, in this process and in its memory alone.
 * @param stop cancels the run: what runs is finished
 * @throws Failure `badInput` for a run with a gate that it cannot ask, before anything begins
 */
export async function drive(begun: Rollout, stop: AbortSignal, hands: Hands): Promise<End> {
  const foreign = begun.waves.flatMap(({ gates }) => gates).find(({ gate }) => !isAsked(gate));
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
        return decision;
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
        tell(stepEnded(step, attempt, await hands.step(step)));
        return;
      }
      case "run-gate":
        return runGate(decision);
      case "return-gateway": {
        const { gateway, to } = decision;
        tell({ kind: "return-started", gateway });
        tell(returnEnded(gateway, await hands.goBack(gateway, to)));
        return;
      }
      case "await-approval":
      case "await-resume":
        throw new Error(`Nobody here does ${decision.kind}.`);
    }
  }

  async function runGate(decision: Extract<Decision, { kind: "run-gate" }>): Promise<void> {
    const { wave, gate, attempt } = decision;
    const place = { wave, gate, attempt };
    tell({ kind: "gate-started", ...place, at: new Date().toISOString() });
    const answer = await ask(decision);
    switch (answer.outcome) {
      case "passed": {
        tell({ kind: "gate-passed", ...place, evidence: [...answer.evidence] });
        const { steps = [], gates = [] } = rollout.waves[wave] ?? {};
        if (gates.every(({ status }) => status === "passed")) hands.proven(steps);
        return;
      }
      case "failed":
        tell({ kind: "gate-failed", ...place, because: answer.because, evidence: [...answer.evidence] });
        return;
      case "interrupted":
        // Neither passed nor failed: the run is cancelled before anything else starts.
        if (!stop.aborted) throw new Error("A gate was interrupted, and nobody had stopped the run.");
    }
  }

  async function ask({
    what,
    regions,
    unsettled,
  }: Extract<Decision, { kind: "run-gate" }>): Promise<GateAnswer> {
    if (what.kind === "webhook") throw new Error(`Nobody here asks a gate of kind ${what.kind}.`);
    if (what.kind !== "soak")
      return hands.gate({ what, regions, unsettled, disturbed: disturbedOf(rollout, unsettled) });
    await hands.soak(what.seconds, regions);
    return stop.aborted ? { outcome: "interrupted" } : { outcome: "passed", evidence: [] };
  }
}
