import { createHash } from "node:crypto";
import type { Plan } from "trunkline/fleet/plan";
import { stackInputs } from "trunkline/stacks/graph";

/** Hash of what each stack was run with when it last succeeded, by the stack's name. */
export type InputRecord = Readonly<Record<string, string>>;

/**
 * What each stack would be run with, as a hash of what it reads of the plan and of the programs that read it.
 * @param programs version of the stacks' programs: another one may make something else of the same plan
 */
export function inputHashes(plan: Plan, programs: string): InputRecord {
  return Object.fromEntries(
    [...stackInputs(plan)].map(([name, input]) => [
      name,
      createHash("sha256")
        .update(JSON.stringify([programs, input]))
        .digest("hex"),
    ]),
  );
}

/** Stacks that have not succeeded with these inputs yet. */
export function changedInputs(now: InputRecord, succeeded: InputRecord): ReadonlySet<string> {
  return new Set(
    Object.entries(now).flatMap(([name, hash]) =>
      Object.hasOwn(succeeded, name) && succeeded[name] === hash ? [] : [name],
    ),
  );
}
