import { type Gate, gatesOfDestroy, lastGates } from "./gate";
import type { RolloutOptions } from "./options";
import { checkOrder, reversed, type RolloutStack } from "./stacks";
import { type GateState, type Rollout, rolloutFormat, type Wave } from "./state";
import { type PlannedWave, planWaves } from "./waves";

export interface RolloutRequest {
  readonly fleet: string;
  readonly operation: Rollout["operation"];
  /** The subject of whoever asks. */
  readonly by: string;
  /** The whole graph, in an order in which each stands behind all that it depends on. */
  readonly stacks: readonly RolloutStack[];
  /** Names of the stacks to touch; absent: all. */
  readonly changed?: ReadonlySet<string>;
  readonly options: RolloutOptions;
}

/**
 * A run that has not begun. Destroy is the same run from its end: the last wave first, and what is needed by others first;
 * there is nothing to prove of what is gone, and nothing to go back to.
 * @throws Failure `badInput` for a graph that is none
 */
export function beginRollout({ fleet, operation, by, stacks, changed, options }: RolloutRequest): Rollout {
  checkOrder(stacks);
  const touched = changed ?? new Set(stacks.map(({ name }) => name));
  const waves = planWaves(stacks, touched, options);
  const destroys = operation === "destroy";
  const ordered = (destroys ? reversed(stacks) : stacks).filter(({ name }) => touched.has(name));
  const gates = destroys ? gatesOfDestroy(options.gates) : options.gates;
  const planned = destroys ? fromTheEnd(waves, ordered) : waves;
  const startGates = destroys ? gatesOfDestroy(options.startGates) : options.startGates;
  return {
    format: rolloutFormat,
    fleet,
    operation,
    askedBy: [by],
    options,
    steps: ordered.map(({ name, region, dependsOn }) => ({
      name,
      ...(region === undefined ? {} : { region }),
      needs: dependsOn.filter((lower) => touched.has(lower)),
      status: "waiting",
      attempts: 0,
      changed: false,
      released: [],
    })),
    waves: [
      ...(startGates.length === 0 || planned.length === 0 ? [] : [startWave(startGates)]),
      ...planned.map((wave, index): Wave => {
        const own = index === planned.length - 1 ? lastGates(gates) : gates;
        return {
          kind: wave.kind,
          steps: [...wave.steps],
          completes: [...wave.completes],
          gates: wave.completes.length === 0 ? [] : own.map(pending),
        };
      }),
    ],
  };
}

function startWave(gates: readonly Gate[]): Wave {
  return { kind: "start", steps: [], completes: [], gates: gates.map(pending) };
}

function pending(gate: Gate): GateState {
  return { gate, status: "pending", attempt: 1, evidence: [] };
}

/** The waves backwards; a region is complete with the last of its stacks that goes. */
function fromTheEnd(waves: readonly PlannedWave[], ordered: readonly RolloutStack[]): PlannedWave[] {
  const waveOf = new Map(waves.flatMap(({ steps }, index) => steps.map((name) => [name, index] as const)));
  const last = new Map<string, number>();
  for (const { name, region } of ordered) if (region !== undefined) last.set(region, waveOf.get(name) ?? 0);
  return waves
    .map(({ kind, steps }, index) => ({
      kind,
      steps: ordered.map(({ name }) => name).filter((name) => steps.includes(name)),
      completes: [...last]
        .filter(([, at]) => at === index)
        .map(([region]) => region)
        .sort(),
    }))
    .reverse();
}
