import type { Plan } from "trunkline/fleet/plan";
import { loseGateway } from "../../automation/verify/failover";
import { losses } from "../../automation/verify/failover.plan";
import { Backbone, two } from "../scenarios/backbone/backbone";
import { type Kind, lossesPart, type Row, taken } from "./loss-rows";
import type { Asked, Part } from "./part";
import { settings } from "./settings";

const runsOfSettings = 3;

/** Each kind of loss so many times, the gateways of two regions in turn: more would only make timers late. */
export async function measureLosses({ runs = 20 }: Asked): Promise<Part> {
  const rows = await withPairs((pairs) => {
    const { plan, backbone } = pairs;
    const status = (id: string) => backbone.status(id);
    const kinds = losses.map((loss): Kind => ({
      what: loss,
      lose: (id) =>
        loseGateway(plan, { id, instanceId: backbone.instanceOf(id) }, loss, backbone.site.probes, status),
    }));
    return taken(kinds, runs, pairs);
  });
  return lossesPart(rows.taken, losses, "gateway loss", rows.routeServiceSeconds + 1);
}

/** The loss of power with what this fleet does otherwise set as others set it: what it is there for. No mark. */
export async function measureSettings({ runs = runsOfSettings }: Asked): Promise<Part> {
  const rows = await withPairs(async (pairs) => {
    const found: Row[] = [];
    // One after the other: the second changes gateways of the first.
    for (const { what, set, lose } of settings) {
      await set(pairs);
      found.push(...(await taken([{ what, lose: (id) => lose(pairs, id) }], runs, pairs)));
    }
    return found;
  });
  return lossesPart(
    rows.taken,
    settings.map(({ what }) => what),
  );
}

async function withPairs(
  measure: (pairs: {
    readonly plan: Plan;
    readonly backbone: Backbone;
    readonly gateways: readonly string[];
  }) => Promise<Row[]>,
): Promise<{ readonly taken: readonly Row[]; readonly routeServiceSeconds: number }> {
  const plan = two;
  const backbone = await Backbone.start(plan);
  try {
    const gateways = plan.regions.flatMap((region) => region.gateways.map(({ id }) => id));
    return {
      taken: await measure({ plan, backbone, gateways }),
      routeServiceSeconds: backbone.site.probes.routeServiceSeconds,
    };
  } finally {
    await backbone.end();
  }
}
