import { fewestLinks } from "trunkline/fleet/rollout";
import type { RolloutStack } from "./stacks";

/** Stacks that may go side by side; the next wave waits for all of them. */
export interface PlannedWave {
  readonly kind: "canary" | "preparation" | "regions" | "rest";
  /** Names of stacks, in the graph's order. */
  readonly steps: readonly string[];
  /** Regions of which nothing is left to do after it, sorted: what a gate after it is about. */
  readonly completes: readonly string[];
}

export interface WaveOptions {
  readonly canary?: string | undefined;
  readonly regionsPerWave?: number | undefined;
}

/**
 * The waves of a run, in which every stack that is to change stands once, behind or beside all that it needs.
 *
 * Each stack of the canary is a wave of its own, and before it stands nothing but what it needs. Then come the other regions
 * in the graph's order, so many at once as allowed, each wave with what it needs besides. A named canary that has nothing
 * to do in this run gives way to the rule. Without a canary and a limit all is one wave.
 * @param stacks the whole graph, in an order in which each stands behind all that it depends on
 * @param changed names of the stacks that the run is about
 */
export function planWaves(
  stacks: readonly RolloutStack[],
  changed: ReadonlySet<string>,
  { canary, regionsPerWave }: WaveOptions,
): PlannedWave[] {
  const steps = stacks.filter(({ name }) => changed.has(name));
  const builder = new WaveBuilder(steps);
  // Nothing to divide: an order of its own would only keep some waiting.
  if (canary === undefined && regionsPerWave === undefined) builder.add("regions", [...changed]);
  const first = canary === undefined ? undefined : canaryRegion(stacks, steps, canary);
  for (const { name } of steps.filter(({ region }) => region !== undefined && region === first)) {
    builder.add("preparation", builder.needsOf([name]));
    builder.add("canary", [name]);
  }
  const last = lastSteps(steps).filter((name) => !builder.has(name));
  const size = regionsPerWave ?? Math.max(1, last.length);
  for (let at = 0; at < last.length; at += size) {
    const group = last.slice(at, at + size);
    builder.add("regions", [...builder.needsOf(group), ...group]);
  }
  builder.add(
    "rest",
    steps.map(({ name }) => name),
  );
  return builder.waves;
}

/** The last step of each region, in the graph's order: with it the region is complete. */
function lastSteps(steps: readonly RolloutStack[]): string[] {
  const last = new Map(steps.flatMap(({ name, region }) => (region === undefined ? [] : [[region, name]])));
  const names = new Set(last.values());
  return steps.map(({ name }) => name).filter((name) => names.has(name));
}

class WaveBuilder {
  readonly waves: PlannedWave[] = [];
  readonly #placed = new Set<string>();
  readonly #byName: ReadonlyMap<string, RolloutStack>;

  constructor(private readonly steps: readonly RolloutStack[]) {
    this.#byName = new Map(steps.map((step) => [step.name, step]));
  }

  has(name: string): boolean {
    return this.#placed.has(name);
  }

  /** What must stand before these, and does not yet. */
  needsOf(names: readonly string[]): string[] {
    const found = new Set<string>();
    const look = (name: string): void => {
      for (const lower of this.#byName.get(name)?.dependsOn ?? []) {
        if (!this.#byName.has(lower) || this.#placed.has(lower) || found.has(lower)) continue;
        found.add(lower);
        look(lower);
      }
    };
    for (const name of names) look(name);
    return [...found].filter((name) => !names.includes(name));
  }

  /** Those that are not placed yet; no wave is empty. */
  add(kind: PlannedWave["kind"], names: readonly string[]): void {
    const wanted = new Set(names.filter((name) => !this.#placed.has(name)));
    if (wanted.size === 0) return;
    for (const name of wanted) this.#placed.add(name);
    const members = this.steps.filter(({ name }) => wanted.has(name));
    const left = new Set(
      this.steps.filter(({ name }) => !this.#placed.has(name)).map(({ region }) => region),
    );
    const regions = new Set(members.flatMap(({ region }) => (region === undefined ? [] : [region])));
    this.waves.push({
      kind,
      steps: members.map(({ name }) => name),
      completes: [...regions].filter((region) => !left.has(region)).sort(),
    });
  }
}

/** The region that goes first: the one that is named, or the one that a fault would reach the fewest others from. */
function canaryRegion(
  stacks: readonly RolloutStack[],
  steps: readonly RolloutStack[],
  canary: string,
): string | undefined {
  // With gateways, if one has them: a release is what a canary is for. The last step's order is that of the releases.
  const touched = lastSteps(steps).flatMap((last) => steps.filter(({ name }) => name === last));
  const released = touched.filter(({ gateways }) => gateways.length > 0);
  const candidates = (released.length > 0 ? released : touched).flatMap(({ region }) => region ?? []);
  if (canary !== fewestLinks && touched.some(({ region }) => region === canary)) return canary;
  const others = linkedRegions(stacks);
  const reach = (region: string): number => others.get(region)?.size ?? 0;
  return candidates.reduce<string | undefined>(
    (best, region) => (best === undefined || reach(region) < reach(best) ? region : best),
    undefined,
  );
}

/** Regions by region whose stacks read each other. */
function linkedRegions(stacks: readonly RolloutStack[]): ReadonlyMap<string, ReadonlySet<string>> {
  const regionOf = new Map(stacks.map(({ name, region }) => [name, region]));
  const linked = new Map<string, Set<string>>();
  const link = (one: string, other: string): void => {
    const known = linked.get(one) ?? new Set();
    linked.set(one, known.add(other));
  };
  for (const { region, dependsOn } of stacks)
    for (const lower of dependsOn) {
      const other = regionOf.get(lower);
      if (region === undefined || other === undefined || other === region) continue;
      link(region, other);
      link(other, region);
    }
  return linked;
}
