import type { ReturnResult } from "../rollout/drive";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import type { ReleaseChange } from "../rollout/state";

/** Asks the gates of an `up` and takes back what did not pass; knows what gateways run. */
export interface GateKeeper {
  /** A stack is about to be worked on. What this throws keeps it from that; nothing else here throws. */
  begins(stack: string): void;
  /**
   * It was, with or without success.
   * @param changed whether anything is another than before, as far as the engine has said
   * @returns what there is to judge: this run's, and what an earlier one has left unproven
   */
  ended(
    stack: string,
    result: { readonly succeeded: boolean; readonly changed: boolean },
  ): Promise<{ readonly changed: boolean; readonly released: readonly ReleaseChange[] }>;
  /** @param stop cuts it short */
  ask(gate: AskedGate, stop: AbortSignal): Promise<GateAnswer>;
  /** All gates of a wave with these stacks have passed. */
  proven(stacks: readonly string[]): void;
  goBack(gateway: string, to: string): Promise<ReturnResult>;
}
