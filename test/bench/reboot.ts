import type { GatewayStatus } from "trunkline/gateway/status";
import { allTunnels, type Plan } from "trunkline/fleet/plan";
import { planOf } from "../engine/fleets";
import { Backbone } from "../scenarios/backbone/backbone";
import { labMeshText } from "./mesh";
import { type Asked, atMost, columns, median, type Part } from "./part";
import { stacksOf } from "./progress";

const wholeWithinSeconds = 600;
/** The proofs rekey a tunnel of each link: the SA before it is there until its other end has let go. */
const settledWithinSeconds = 120;

interface Row {
  readonly regions: number;
  readonly tunnels: number;
  /** From power back on to all proofs, of each reboot; NaN when some never held. */
  readonly seconds: readonly number[];
  /** IKE SAs beyond one a tunnel, at the worst of the reboots after which the fleet was whole. */
  readonly piledUp: number;
}

/** The power of every gateway goes, and comes back at once: how long until every proof holds, without a hand. */
export async function measureReboot({ regions = [3, 6, 10], runs = 1 }: Asked): Promise<Part> {
  const rows: Row[] = [];
  for (const count of regions) rows.push(await measure(planOf(labMeshText(count)), runs));
  return {
    data: rows,
    lines: columns([
      ["regions", "tunnels", "reboots", "whole s", "worst s", "more SAs"],
      ...rows.map(({ regions: count, tunnels, seconds, piledUp }) => [
        String(count),
        String(tunnels),
        String(seconds.length),
        median(seconds).toFixed(1),
        Math.max(...seconds).toFixed(1),
        String(piledUp),
      ]),
    ]),
    marks: rows.flatMap(({ regions: count, seconds, piledUp }) => [
      atMost(
        `reboot of ${String(count)} regions: fleets that were not whole after ${String(wholeWithinSeconds)} s`,
        seconds.filter(Number.isNaN).length,
        0,
      ),
      atMost(`reboot of ${String(count)} regions: SAs piled up`, piledUp, 0),
    ]),
  };
}

async function measure(plan: Plan, runs: number): Promise<Row> {
  const backbone = await Backbone.start(plan, {}, stacksOf("reboot", plan.regions.length));
  try {
    await whole(backbone);
    const gateways = plan.regions.flatMap((region) => region.gateways.map(({ id }) => id));
    const power = (to: "on" | "off"): Promise<unknown> =>
      Promise.all(gateways.map((id) => backbone.site.probes.power(backbone.instanceOf(id), to)));
    const seconds: number[] = [];
    let piledUp = 0;
    for (let run = 0; run < runs; run += 1) {
      await power("off");
      const started = performance.now();
      await power("on");
      const proofs = await backbone.proofs(wholeWithinSeconds);
      const taken = (performance.now() - started) / 1000;
      const left = proofs.filter(({ status }) => status !== "pass").map(({ id }) => id);
      seconds.push(left.length === 0 ? taken : NaN);
      if (left.length === 0) piledUp = Math.max(piledUp, await beyondOneEach(backbone, plan, gateways));
      process.stderr.write(
        `reboot  ${String(plan.regions.length)} regions  ${left.length === 0 ? `whole after ${taken.toFixed(1)} s` : `not whole: ${left.join(", ")}`}, ${String(piledUp)} SAs more than tunnels\n`,
      );
    }
    return { regions: plan.regions.length, tunnels: allTunnels(plan).length, seconds, piledUp };
  } finally {
    await backbone.end();
  }
}

/** @throws Error when a fleet is not whole before anything is taken from it */
export async function whole(backbone: Backbone): Promise<void> {
  const failing = (await backbone.proofs(wholeWithinSeconds)).filter(({ status }) => status !== "pass");
  if (failing.length > 0) throw new Error(`not whole: ${failing.map(({ id }) => id).join(", ")}`);
}

/** Asked until there is none, or the time is over. */
async function beyondOneEach(backbone: Backbone, plan: Plan, gateways: readonly string[]): Promise<number> {
  const deadline = performance.now() + settledWithinSeconds * 1000;
  const planned = (id: string): number =>
    allTunnels(plan).filter(({ ends }) => ends.some(({ gateway }) => gateway === id)).length;
  for (;;) {
    const statuses = await Promise.all(
      gateways.map(async (id): Promise<[string, GatewayStatus]> => [id, await backbone.status(id)]),
    );
    const more = statuses.reduce(
      (sum, [id, { ikeSas }]) => sum + Math.max(0, ikeSas.length - planned(id)),
      0,
    );
    if (more === 0 || performance.now() > deadline) return more;
  }
}
