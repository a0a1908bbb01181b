import type { Plan } from "../../fleet/plan";
import type { ArgumentProblem } from "../problem";

/** The plan with more ranges that SSH to every gateway is admitted from, such as the lab's own. */
export function admitManagement(plan: Plan, allowFrom: readonly string[]): Plan {
  if (allowFrom.length === 0) return plan;
  return {
    ...plan,
    regions: plan.regions.map((region) =>
      // Nobody logs in to a managed gateway.
      region.managed === undefined
        ? {
            ...region,
            managementAllowFrom: [...new Set([...region.managementAllowFrom, ...allowFrom])].sort(),
          }
        : region,
    ),
  };
}

/** A plan without management ranges may run in the lab only, which has one of its own. */
export function checkManagement(plan: Plan): ArgumentProblem[] {
  return plan.regions
    .filter(({ managed, managementAllowFrom }) => managed === undefined && managementAllowFrom.length === 0)
    .map(({ name }) => ({
      path: `regions.${name}.management.allowFrom`,
      message: "It says nowhere who may manage the gateways, and a cloud's firewall must know.",
      remedy: "Write at the top of the fleet file, for example: management: { allowFrom: [203.0.113.0/24] }",
    }));
}
