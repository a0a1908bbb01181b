import type { CloudName } from "../../fleet/cloud";
import { rulesOf } from "../../fleet/clouds";
import type { Plan } from "../../fleet/plan";
import type { ArgumentProblem } from "../problem";

/** Clouds that a region can be planned, checked and rendered for, and not yet be built in. */
const planned: readonly CloudName[] = ["gcp"];

/** Before the first resource of any region: half a fleet is worse than none. */
export function checkBuilt({ regions }: Plan): ArgumentProblem[] {
  return regions
    .filter(({ cloud }) => planned.includes(cloud))
    .map(({ name, cloud }) => ({
      path: `regions.${name}.cloud`,
      message: `This version plans, checks and renders regions of ${rulesOf(cloud).title}, and does not build them yet.`,
      remedy: "Leave the region out of what you bring up.",
    }));
}
