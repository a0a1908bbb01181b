import type { Plan } from "trunkline/fleet/plan";

/** One `up` of several: at most one machine of each region is a new one, so that its partner carries on meanwhile. */
export interface ReplacementStage {
  readonly plan: Plan;
  /** Gateways whose machines this stage replaces, sorted. */
  readonly replaced: readonly string[];
}

/**
 * The stages that lead to a plan. In each, every region has at most one image epoch that differs from the stage before;
 * the last stage's plan is the plan itself.
 * @param live image epoch by gateway id, of the machines that are there
 */
export function replacementStages(plan: Plan, live: ReadonlyMap<string, number>): ReplacementStage[] {
  const changed = plan.regions.map(({ gateways }) =>
    gateways.flatMap(({ id, imageEpoch }) => {
      const now = live.get(id);
      return now === undefined || now === imageEpoch ? [] : [{ id, now }];
    }),
  );
  const count = Math.max(1, ...changed.map(({ length }) => length));
  return Array.from({ length: count }, (_, stage) => {
    const later = new Map(changed.flatMap((list) => list.slice(stage + 1)).map(({ id, now }) => [id, now]));
    return {
      replaced: changed.flatMap((list) => list.slice(stage, stage + 1).map(({ id }) => id)).sort(),
      plan:
        later.size === 0
          ? plan
          : {
              ...plan,
              regions: plan.regions.map((region) => ({
                ...region,
                gateways: region.gateways.map((gateway) => ({
                  ...gateway,
                  imageEpoch: later.get(gateway.id) ?? gateway.imageEpoch,
                })),
              })),
            },
    };
  });
}
