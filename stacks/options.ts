import { checkManagement } from "../components/backbone/management.plan";
import { explain } from "../components/problem";
import type { Plan, PlannedRegion } from "../fleet/plan";

export interface ProgramOptions {
  /** Whether addresses, networks and the authority are protected from deletion. Default true. */
  readonly protect?: boolean;
}

export function protectedBy({ protect }: ProgramOptions): { readonly protect: boolean } {
  return { protect: protect ?? true };
}

/** @throws Error that names the regions that there are */
export function regionOf(plan: Plan, name: string): PlannedRegion {
  const region = plan.regions.find((candidate) => candidate.name === name);
  if (region === undefined)
    throw new Error(
      `Fleet ${plan.fleet} has no region "${name}"; it has ${plan.regions.map(({ name }) => name).join(", ")}.`,
    );
  return region;
}

/** @throws Error with what to write, before anything is touched */
export function requireManagement(plan: Plan): void {
  const problems = checkManagement(plan);
  if (problems.length > 0) throw new Error(explain(problems));
}
