import type { FleetRollout } from "trunkline/fleet/rollout";
import type { RolloutOptions } from "./options";

/** What a fleet file asks for, as options of a run; absent: all that may run does, whatever fails beside it. */
export function fleetOptions(
  asked: Omit<FleetRollout, "parallel"> | undefined,
  parallel: number,
): RolloutOptions {
  const { canary, regionsPerWave, failuresTolerated = "any", soakSeconds = 0, gates = [] } = asked ?? {};
  return {
    ...(canary === undefined ? {} : { canary }),
    ...(regionsPerWave === undefined ? {} : { regionsPerWave }),
    parallel,
    failuresTolerated,
    startGates: [],
    // The soak first: what stands behind it judges what has come of the wave meanwhile.
    gates: [
      ...(soakSeconds === 0 ? [] : [{ kind: "soak" as const, seconds: soakSeconds }]),
      ...gates.map((gate) => (gate.kind === "command" ? { ...gate, words: [...gate.words] } : { ...gate })),
    ],
  };
}
