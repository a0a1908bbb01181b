import type { CloudName } from "trunkline/fleet/cloud";
import { rulesOf } from "trunkline/fleet/clouds";
import type { Plan } from "trunkline/fleet/plan";
import { Failure } from "./failure";

/** Clouds whose stand-in the lab has. */
const inLab: readonly CloudName[] = ["aws"];

/**
 * Before the first resource of any region: half a fleet is worse than none.
 * @throws Failure that names the first region that the lab cannot build
 */
export function requireInLab({ regions }: Plan): void {
  const missing = regions.find(({ cloud }) => !inLab.includes(cloud));
  if (missing !== undefined)
    throw new Failure(
      "badInput",
      `regions.${missing.name}.cloud: The lab has no stand-in for ${rulesOf(missing.cloud).title} yet.`,
      "Leave the region out of what you bring up in the lab; plan, validate and render take it.",
    );
}
