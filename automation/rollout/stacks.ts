import type { Plan } from "trunkline/fleet/plan";
import { stackGraph } from "trunkline/stacks/graph";
import { Failure } from "../failure";

/** What the rules know of a stack. */
export interface RolloutStack {
  readonly name: string;
  /** Absent for a stack that belongs to no one region. */
  readonly region?: string;
  /** Names of stacks that stand before it. */
  readonly dependsOn: readonly string[];
  /** Ids of the gateways that it tells their releases. */
  readonly gateways: readonly string[];
}

/** A fleet's stacks in the graph's order, and which gateways each one has releases for. */
export function rolloutStacks(plan: Plan): RolloutStack[] {
  const gateways = new Map(plan.regions.map((region) => [region.name, region.gateways.map(({ id }) => id)]));
  return stackGraph(plan).map(({ name, layer, region, dependsOn }) => ({
    name,
    ...(region === undefined ? {} : { region }),
    dependsOn,
    gateways: layer === "fabric" ? (gateways.get(region ?? "") ?? []) : [],
  }));
}

/** @throws Failure `badInput` where a stack stands twice, or before one that it depends on */
export function checkOrder(stacks: readonly Pick<RolloutStack, "name" | "dependsOn">[]): void {
  const seen = new Set<string>();
  for (const { name, dependsOn } of stacks) {
    const missing = dependsOn.find((lower) => !seen.has(lower));
    if (seen.has(name) || missing !== undefined)
      throw new Failure(
        "badInput",
        seen.has(name)
          ? `The stack ${name} stands twice.`
          : `The stack ${name} stands before ${missing ?? ""}, which it needs, or needs one that is not there.`,
        "Give every stack once, behind all that it needs.",
      );
    seen.add(name);
  }
}

/** For destroy: what a stack is needed by goes first. */
export function reversed<S extends Pick<RolloutStack, "name" | "dependsOn">>(stacks: readonly S[]): S[] {
  const users = new Map<string, string[]>(stacks.map(({ name }) => [name, []]));
  for (const { name, dependsOn } of stacks) for (const lower of dependsOn) users.get(lower)?.push(name);
  return [...stacks].reverse().map((stack) => ({ ...stack, dependsOn: users.get(stack.name) ?? [] }));
}
