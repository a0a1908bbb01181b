import type { Plan } from "../fleet/plan";
import { regionsWithSeed } from "../gateway/ppk";

/** The Pulumi project of every stack of a fleet, whatever its layer. */
export const projectName = "trunkline";

export type Layer = "region" | "trust" | "fabric";

/** One stack of a fleet. */
export interface StackNode {
  /**
   * The Pulumi stack's name: `acme.region-use1`, `acme.trust`, `acme.fabric-use1`. Pulumi allows letters, digits, `-`,
   * `_` and `.`, at most 100 (sdk/go/common/tokens/stack_name.go); the dot keeps fleets apart in one project, since no
   * fleet's or region's name holds one.
   */
  readonly name: string;
  readonly layer: Layer;
  /** Absent for `trust`, which is one for the fleet. */
  readonly region?: string;
  /** Names of the stacks whose hand-over this one reads, sorted. They come up before it and go down after it. */
  readonly dependsOn: readonly string[];
}

export function regionStack(fleet: string, region: string): string {
  return `${fleet}.region-${region}`;
}

export function trustStack(fleet: string): string {
  return `${fleet}.trust`;
}

export function fabricStack(fleet: string, region: string): string {
  return `${fleet}.fabric-${region}`;
}

/**
 * A fleet's stacks: regions and trust, sorted as the plan is, then fabrics the other way round. Of a link the end that is
 * sorted first calls (`gateway/view.ts`), so who is called is told first what has changed for both, and who calls finds an
 * answer before its release is taken back.
 */
export function stackGraph(plan: Plan): StackNode[] {
  const { fleet } = plan;
  const regions = plan.regions.map(({ name }) => name);
  const managed = new Set(
    plan.regions.filter((region) => region.managed !== undefined).map(({ name }) => name),
  );
  const isOwn = (region: string): boolean => !managed.has(region);
  return [
    ...regions.map((region): StackNode => ({
      name: regionStack(fleet, region),
      layer: "region",
      region,
      dependsOn: [],
    })),
    {
      name: trustStack(fleet),
      layer: "trust",
      dependsOn: regions.map((region) => regionStack(fleet, region)),
    },
    // Who calls a managed gateway is told its addresses, so that it comes first.
    ...[...regions.filter((region) => !isOwn(region)), ...regions.filter(isOwn).reverse()].map(
      (region): StackNode => ({
        name: fabricStack(fleet, region),
        layer: "fabric",
        region,
        dependsOn: [
          trustStack(fleet),
          ...[region, ...neighbours(plan, region)].map((other) => regionStack(fleet, other)),
          ...(isOwn(region) ? neighbours(plan, region).filter((other) => !isOwn(other)) : []).map((other) =>
            fabricStack(fleet, other),
          ),
        ].sort(),
      }),
    ),
  ];
}

/** The regions that a region has a link with, sorted. */
export function neighbours(plan: Plan, region: string): string[] {
  return plan.links
    .filter(({ ends }) => ends.includes(region))
    .flatMap(({ ends }) => ends.filter((end) => end !== region))
    .sort();
}

/**
 * The stacks of `after` that differ from `before`, in the graph's order: what an edit of the fleet file brings up. A
 * region that is added brings up itself, trust, its own fabric and its neighbours'.
 * @param before absent: nothing is up yet
 */
export function changedStacks(before: Plan | undefined, after: Plan): StackNode[] {
  const known = before === undefined ? new Map<string, string>() : stackInputs(before);
  const wanted = stackInputs(after);
  return stackGraph(after).filter(({ name }) => known.get(name) !== wanted.get(name));
}

/** By the stacks' names, in the graph's order: what each reads of the plan, as text that can be compared. */
export function stackInputs(plan: Plan): ReadonlyMap<string, string> {
  return new Map(stackGraph(plan).map((node) => [node.name, sliceOf(plan, node)]));
}

/** What one stack reads of the plan, as text that can be compared. */
function sliceOf(plan: Plan, { layer, region = "" }: StackNode): string {
  const own = plan.regions.filter(({ name }) => name === region);
  switch (layer) {
    case "region":
      // A machine knows nothing of its key, identity or MED, nor of what it tells whom: those come with its release.
      return JSON.stringify(
        own.map(({ gateways, routeService, ...rest }) => [
          // Nor do its routes: they are made with the releases. What it costs makes nothing.
          { ...rest, routeService: { ...routeService, announced: [], facts: undefined } },
          gateways.map(({ id, letter, subnet, size, system, imageEpoch }) => [
            ...[id, letter, subnet, size, system, imageEpoch],
          ]),
        ]),
      );
    case "trust":
      return JSON.stringify([
        plan.trust,
        regionsWithSeed(plan),
        // A new machine has a new key, so the image's epoch counts as the key's does.
        plan.regions.flatMap(({ gateways, shared }) =>
          gateways.map(({ id, identity, keyAlgorithm, keyEpoch, imageEpoch }) => [
            ...[id, identity, keyAlgorithm, keyEpoch, imageEpoch, shared?.identity],
          ]),
        ),
      ]);
    case "fabric": {
      const linked = new Set(neighbours(plan, region));
      const links = plan.links.filter(({ ends }) => ends.includes(region));
      const ids = new Set(links.map(({ id }) => id));
      const peers = plan.regions
        .filter(({ name }) => linked.has(name))
        .map(({ name, asn, gateways, shared, managed }) => [
          name,
          asn,
          shared,
          managed,
          gateways.map(({ id, identity }) => [id, identity]),
        ]);
      return JSON.stringify([own, peers, links, plan.filters.filter(({ link }) => ids.has(link))]);
    }
  }
}
