import assert from "node:assert/strict";
import { type Flow, longestSilence } from "../../../automation/verify/flow";
import { Traffic } from "../../../automation/verify/traffic";
import type { Backbone } from "./backbone";

/** Packets a second each way between the regions' workloads. */
export const perSecond = 100;

/**
 * What BFD finds is over in a second on a machine that is free; without it BGP's hold time of 30 s would pass. How long it
 * took stands beside the test; `trunkline verify --failover` holds it against the marks.
 */
export const foundByBfdSeconds = 10;

/** Runs a step while workloads talk; what is measured goes beside the test's name. */
export async function under(
  backbone: Backbone,
  step: () => Promise<void>,
  rate = perSecond,
): Promise<Flow[]> {
  const hosts = await backbone.site.probes.hosts();
  const pairs = hosts.flatMap((from) =>
    hosts.filter((to) => to.region !== from.region).map((to) => [from, to] as const),
  );
  const traffic = await Traffic.start(backbone.site.probes, pairs, rate);
  const failure = await step().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const flows = await traffic.stop();
  for (const flow of flows) console.log(`      ${shown(flow)}`);
  if (failure !== undefined) throw failure.error;
  return flows;
}

export function shown(flow: Flow): string {
  return `${flow.from}>${flow.to}: ${String(flow.lost)} of ${String(flow.sent)} lost, longest silence ${longestSilence(flow).toFixed(2)} s`;
}

export function nothingLost(flows: readonly Flow[]): void {
  for (const flow of flows) assert.equal(flow.lost, 0, shown(flow));
}

export function foundByBfd(flows: readonly Flow[]): void {
  for (const flow of flows) assert.ok(longestSilence(flow) < foundByBfdSeconds, shown(flow));
}
