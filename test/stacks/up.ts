import type { Plan } from "../../fleet/plan";
import { stackGraph } from "../../stacks/graph";
import type { ProgramOptions } from "../../stacks/options";
import { stackProgram } from "../../stacks/program";
import { type Recorded, run } from "../components/recorder";

export interface FleetRun {
  readonly handovers: Readonly<Record<string, unknown>>;
  /** What a stack's program asked for, without the hand-overs it read. */
  stack(name: string): readonly Recorded[];
  /** Of all stacks. */
  readonly resources: readonly Recorded[];
}

/** Every stack of a fleet on Pulumi's mocks, in order, each on what the lower ones handed on. */
export async function upFleet(plan: Plan, options: ProgramOptions = {}): Promise<FleetRun> {
  const handovers: Record<string, unknown> = {};
  const stacks = new Map<string, readonly Recorded[]>();
  for (const { name } of stackGraph(plan)) {
    const done = await run(stackProgram(plan, name, options), handovers);
    handovers[name] = done.result.handover;
    stacks.set(name, done.resources);
  }
  return {
    handovers,
    stack(name) {
      const found = stacks.get(name);
      if (found === undefined) throw new Error(`No stack ${name}`);
      return found;
    },
    resources: [...stacks.values()].flat(),
  };
}
