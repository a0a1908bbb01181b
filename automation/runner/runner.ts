import type { FleetRollout } from "trunkline/fleet/rollout";
import type { Site } from "../site";
import type { GateKeeper } from "./gate-keeper";

/** Which stacks there are and what each waits for: `stackGraph(plan)` gives one. */
export interface Graph {
  readonly stacks: readonly GraphStack[];
}

export interface GraphStack {
  /** Unique in the fleet, such as `region-use1`; the engine's stack has the same name. */
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Absent where it belongs to no one region. */
  readonly region?: string;
  /** Ids of gateways that it has releases for; absent: of none. */
  readonly gateways?: readonly string[];
}

export type Operation = "up" | "preview" | "destroy" | "refresh" | "outputs";

export interface RunOptions {
  /** The engine's project. */
  readonly project: string;
  readonly site: Site;
  /**
   * Absolute path, without extension, of a module that exports `stackProgram(input, stack)`: what the child of a stack
   * runs as its inline program.
   */
  readonly programs: string;
  /** Handed to `stackProgram` as it is; must be plain JSON. For a fleet: the plan. */
  readonly input: unknown;
  /** Stacks that may be worked on at once. */
  readonly parallel: number;
  /** How an `up` goes through the regions; absent: all that may run does, whatever fails beside it. */
  readonly rollout?: Omit<FleetRollout, "parallel">;
  /** Who asks the gates that `rollout` has; needed where it has some. */
  readonly keeper?: GateKeeper;
  /** First abort: what is being made is finished, nothing new starts. */
  readonly stop: AbortSignal;
  /** Second abort: everything ends now; the next run repairs. */
  readonly stopNow: AbortSignal;
  /** In `destroy`: what is protected goes as well. */
  readonly protectedResources?: "kept" | "included";
  /** Receives every stack's outputs as they come, secrets in the clear: keep them in memory. */
  onOutputs?(stack: string, outputs: Readonly<Record<string, unknown>>): void;
}

/**
 * Runs an operation over a graph of stacks: dependencies first (`destroy`: last), as many at once as allowed. What is
 * here keeps its progress in the engine's state alone (`rollout/` decides what starts); a durable runner takes over behind the same interface. The
 * iteration ends after `run-finished`, and never throws because of a stack: that is an event.
 */
export interface Runner {
  run(graph: Graph, operation: Operation, options: RunOptions): AsyncIterable<RunEvent>;
}

export type Outcome = "succeeded" | "failed" | "cancelled" | "skipped";

export type RunEvent =
  | { readonly kind: "run-started"; readonly operation: Operation; readonly stacks: readonly string[] }
  | { readonly kind: "stack-started"; readonly stack: string }
  /** After a wave that changed something: for so long nothing starts. */
  | { readonly kind: "soak-started"; readonly regions: readonly string[]; readonly seconds: number }
  /** `gate` in a few words; nothing starts meanwhile. */
  | { readonly kind: "gate-started"; readonly gate: string; readonly regions: readonly string[] }
  | {
      readonly kind: "gate-finished";
      readonly gate: string;
      readonly regions: readonly string[];
      /** `interrupted`: it was ended before it knew. */
      readonly outcome: "passed" | "failed" | "interrupted";
      readonly because?: string;
      readonly evidence: readonly string[];
    }
  /** After a gate that failed: a gateway goes back to its release before, and has or has not. */
  | { readonly kind: "return-started"; readonly gateway: string; readonly to: string }
  | {
      readonly kind: "return-finished";
      readonly gateway: string;
      readonly to: string;
      readonly outcome: "returned" | "failed";
      readonly because?: string;
    }
  /** Something that an earlier, interrupted run had left behind was put right. */
  | { readonly kind: "stack-repaired"; readonly stack: string; readonly what: string }
  | {
      readonly kind: "resource";
      readonly stack: string;
      readonly type: string;
      readonly name: string;
      /** The engine's word: create, update, delete, replace, same, … */
      readonly op: string;
      readonly state: "started" | "done" | "failed";
    }
  | {
      readonly kind: "message";
      readonly stack: string;
      readonly severity: "error" | "warning" | "info";
      /** Name of the resource that it is about, when the engine said so. */
      readonly resource?: string;
      readonly text: string;
    }
  | {
      readonly kind: "stack-finished";
      readonly stack: string;
      readonly outcome: Outcome;
      /** Resources by the engine's word for what was done. */
      readonly changes: Readonly<Record<string, number>>;
      readonly seconds: number;
      /** Why, when it did not succeed. */
      readonly because?: string;
    }
  | {
      readonly kind: "run-finished";
      /** `rolled-back`: a gate failed, and every gateway that its wave had changed runs its release before. */
      readonly outcome: "succeeded" | "failed" | "cancelled" | "rolled-back";
      readonly seconds: number;
      /** Of the gate that failed. */
      readonly because?: string;
      readonly evidence?: readonly string[];
      /** Held elsewhere: the caller ends with the code for busy. */
      readonly busy?: string;
    };
