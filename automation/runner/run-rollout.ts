import { setTimeout as delay } from "node:timers/promises";
import { beginRollout } from "../rollout/begin";
import { fleetOptions } from "../rollout/fleet-options";
import type { Rollout } from "../rollout/state";
import type { Graph, Operation, RunOptions } from "./runner";

/** One operation over a graph as a run: of an `up` as its fleet asks for; of all others everything that may run does. */
export function rolloutOf(
  graph: Graph,
  operation: Operation,
  { project, parallel, rollout }: Pick<RunOptions, "project" | "parallel" | "rollout">,
): Rollout {
  // Questions do not depend on each other.
  const free = operation === "outputs" || operation === "preview";
  return beginRollout({
    fleet: project,
    operation: operation === "destroy" ? "destroy" : "up",
    by: "this process",
    stacks: graph.stacks.map(({ name, dependsOn, region, gateways = [] }) => ({
      name,
      ...(region === undefined ? {} : { region }),
      dependsOn: free ? [] : dependsOn,
      gateways,
    })),
    options: fleetOptions(operation === "up" ? rollout : undefined, parallel),
  });
}

/** Ends with the time, or with the first interrupt. */
export async function soak(seconds: number, stop: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal: stop }).catch(() => undefined);
}
