import type { Plan } from "trunkline/fleet/plan";
import { counted } from "../counted";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import type { Proof } from "../verify/proof";
import { proofEvidence } from "./evidence";
import { countsNow } from "./settled.plan";

/** Asks for all proofs until those that count hold, or its time is up. */
export type Prove = (counts: (proof: Pick<Proof, "id" | "kind" | "subject">) => boolean) => Promise<Proof[]>;

export interface ProofsAnswer {
  readonly answer: GateAnswer;
  /** Ids of all proofs that hold now: what stands before the next wave. */
  readonly holding: ReadonlySet<string>;
}

/** @param heldBefore ids of the proofs that held before the wave */
export async function askProofs(
  plan: Plan,
  { unsettled, disturbed }: Pick<AskedGate, "unsettled" | "disturbed">,
  heldBefore: ReadonlySet<string>,
  prove: Prove,
): Promise<ProofsAnswer> {
  const counts = countsNow(plan, { unsettled, disturbed, heldBefore });
  const proofs = await prove(counts);
  const asked = proofs.filter(counts);
  const failing = asked.filter(({ status }) => status === "fail");
  const shown = asked.filter(({ status }) => status === "pass").length;
  const left = proofs.length - asked.length;
  return {
    holding: holdingOf(proofs),
    answer:
      failing.length === 0
        ? {
            outcome: "passed",
            evidence: [
              `${counted(shown, "proof")} passed${left === 0 ? "" : `; ${String(left)} wait for other regions`}`,
            ],
          }
        : {
            outcome: "failed",
            because: `${String(failing.length)} of ${counted(asked.length, "proof")} failed`,
            evidence: proofEvidence(failing),
          },
  };
}

export function holdingOf(proofs: readonly Proof[]): ReadonlySet<string> {
  return new Set(proofs.filter(({ status }) => status === "pass").map(({ id }) => id));
}
