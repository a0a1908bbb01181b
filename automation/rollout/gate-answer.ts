import type { Gate } from "./gate";

/** Gates that a run in one process asks, besides letting time pass. */
export type JudgingGate = Extract<Gate, { kind: "proofs" | "health" | "command" }>;

export function isAsked(gate: Gate): gate is JudgingGate | Extract<Gate, { kind: "soak" }> {
  return gate.kind !== "approval" && gate.kind !== "webhook";
}

export interface AskedGate {
  readonly what: JudgingGate;
  /** Regions that the wave has completed, sorted. */
  readonly regions: readonly string[];
  /** Regions that have steps left, or failed ones. */
  readonly unsettled: readonly string[];
  /** Of these the ones in which the run has changed something. */
  readonly disturbed: readonly string[];
}

export type GateAnswer =
  | { readonly outcome: "passed"; readonly evidence: readonly string[] }
  | { readonly outcome: "failed"; readonly because: string; readonly evidence: readonly string[] }
  /** The run was stopped before it knew. */
  | { readonly outcome: "interrupted" };
