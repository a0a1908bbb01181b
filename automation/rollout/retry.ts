import { endOf } from "./progress";
import { type Recorded, recorded, refused } from "./recorded";
import type { Rollout, Wave } from "./state";

/**
 * The run goes on from what did not succeed. A wave in which something is done again has its gates asked again, all of them:
 * what was proven or approved was not this.
 */
export function retried(rollout: Rollout, by: string): Recorded {
  const end = endOf(rollout);
  if (end === undefined) return refused("The run has not ended.");
  if (end.outcome === "done") return refused("The run is done: there is nothing to do again.");
  const rest = { ...rollout };
  delete rest.paused;
  delete rest.cancelled;
  delete rest.returns;
  const succeeded = new Set(
    rollout.steps.flatMap(({ name, status }) => (status === "succeeded" ? [name] : [])),
  );
  return recorded({
    ...rest,
    askedBy: [...new Set([...rollout.askedBy, by])],
    steps: rollout.steps.map((step) => {
      if (succeeded.has(step.name)) return step;
      const again = { ...step, status: "waiting" as const };
      delete again.because;
      return again;
    }),
    waves: rollout.waves.map((wave) => (isThrough(wave, succeeded) ? wave : { ...wave, gates: anew(wave) })),
  });
}

function isThrough({ steps, gates }: Wave, succeeded: ReadonlySet<string>): boolean {
  return steps.every((name) => succeeded.has(name)) && gates.every(({ status }) => status === "passed");
}

function anew({ gates }: Wave): Wave["gates"] {
  return gates.map(({ gate, attempt }) => ({ gate, attempt: attempt + 1, status: "pending", evidence: [] }));
}
