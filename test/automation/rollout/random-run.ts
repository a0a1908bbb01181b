import fc from "fast-check";
import { beginRollout, type RolloutRequest } from "../../../automation/rollout/begin";
import type { RolloutEvent } from "../../../automation/rollout/event";
import type { Gate } from "../../../automation/rollout/gate";
import { next } from "../../../automation/rollout/next";
import { record } from "../../../automation/rollout/record";
import type { RolloutStack } from "../../../automation/rollout/stacks";
import type { Rollout } from "../../../automation/rollout/state";

const regionNames = ["r0", "r1", "r2", "r3", "r4"] as const;

/** Any graph at all, in an order in which each stack stands behind what it needs: wilder than a fleet's. */
export const graphs: fc.Arbitrary<RolloutStack[]> = fc
  .array(
    fc.record({
      region: fc.option(fc.constantFrom(...regionNames), { nil: undefined }),
      lower: fc.array(fc.nat(15), { maxLength: 4 }),
      gateways: fc.nat(2),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((nodes) =>
    nodes.map(({ region, lower, gateways }, index) => ({
      name: `s${String(index)}`,
      ...(region === undefined ? {} : { region }),
      dependsOn: [...new Set(lower.filter((one) => one < index))].map((one) => `s${String(one)}`),
      gateways: Array.from(
        { length: region === undefined ? 0 : gateways },
        (_, place) => `${region ?? ""}-${String(index)}-${"ab".charAt(place)}`,
      ),
    })),
  );

export const gates: fc.Arbitrary<Gate> = fc.constantFrom<Gate>(
  { kind: "proofs" },
  { kind: "health" },
  { kind: "soak", seconds: 60 },
  { kind: "approval", by: "anyone" },
  { kind: "approval", by: "another" },
  { kind: "command", words: ["true"], timeoutSeconds: 5 },
  { kind: "webhook", url: "https://gate.example.com/", timeoutSeconds: 5 },
);

export const requests: fc.Arbitrary<RolloutRequest> = graphs.chain((stacks) =>
  fc.record({
    fleet: fc.constant("acme"),
    operation: fc.constantFrom("up" as const, "destroy" as const),
    by: fc.constant("alice"),
    stacks: fc.constant(stacks),
    changed: fc.oneof(
      fc.constant(new Set(stacks.map(({ name }) => name))),
      fc.subarray(stacks).map((some) => new Set(some.map(({ name }) => name))),
    ),
    options: fc.record(
      {
        canary: fc.constantFrom("fewest-links", ...regionNames),
        parallel: fc.integer({ min: 1, max: 4 }),
        failuresTolerated: fc.constantFrom(0, 1, 2, "any" as const),
        regionsPerWave: fc.integer({ min: 1, max: 3 }),
        startGates: fc.array(gates, { maxLength: 1 }),
        gates: fc.array(gates, { maxLength: 3 }),
      },
      { requiredKeys: ["parallel", "failuresTolerated", "startGates", "gates"], noNullPrototype: true },
    ),
  }),
);

/** How the world and its people behave: numbers that choose among what may happen, and how often things go well. */
export const fates = fc.record({
  choices: fc.array(fc.nat(9999), { minLength: 40, maxLength: 120 }),
  /** Of ten results, how many are good. */
  luck: fc.integer({ min: 0, max: 10 }),
  pauses: fc.nat(2),
  cancels: fc.nat(1),
  retries: fc.nat(3),
});
export type Fate = typeof fates extends fc.Arbitrary<infer T> ? T : never;

export interface Told {
  readonly event: RolloutEvent;
  readonly accepted: boolean;
  readonly before: Rollout;
  readonly after: Rollout;
}

/** A run to its end, or as far as it came in `most` events: each event as it was taken. */
export function live(request: RolloutRequest, fate: Fate, most = 2000): { begun: Rollout; told: Told[] } {
  const begun = beginRollout(request);
  const told: Told[] = [];
  let rollout = begun;
  let drawn = 0;
  const left = { pauses: fate.pauses, cancels: fate.cancels, retries: fate.retries, noise: 40 };
  const draw = (): number => (fate.choices[drawn++ % fate.choices.length] ?? 0) + Math.floor(drawn / 7);
  while (told.length < most) {
    // Noise is as it comes: late, doubled.
    const noise = told[draw() % (told.length + 3)]?.event;
    if (noise !== undefined && left.noise > 0 && draw() % 3 === 0) {
      left.noise -= 1;
      tell(noise);
      continue;
    }
    const likely = outstanding(rollout, () => draw() % 10 < fate.luck);
    const all = [...likely, ...peoplesWishes(rollout, left)];
    const event = all[draw() % all.length];
    if (event === undefined) return { begun, told };
    if (tell(event)) {
      if (event.kind === "paused") left.pauses -= 1;
      if (event.kind === "cancel-asked") left.cancels -= 1;
      if (event.kind === "retry-asked") left.retries -= 1;
    }
  }
  return { begun, told };

  function tell(event: RolloutEvent): boolean {
    const result = record(rollout, event);
    const after = result.ok ? result.rollout : rollout;
    told.push({ event, accepted: result.ok, before: rollout, after });
    rollout = after;
    return result.ok;
  }
}

/** What may happen next: what is decided begins, what has begun ends. */
function outstanding(rollout: Rollout, goesWell: () => boolean): RolloutEvent[] {
  const begins = next(rollout).flatMap((decision): RolloutEvent[] => {
    switch (decision.kind) {
      case "start-step":
        return [{ kind: "step-started", step: decision.step, attempt: decision.attempt }];
      case "run-gate": {
        const { wave, gate, attempt } = decision;
        return [{ kind: "gate-started", wave, gate, attempt, at: "2026-01-01T00:00:00Z" }];
      }
      case "await-approval": {
        const { wave, gate, attempt } = decision;
        return goesWell()
          ? ["alice", "bob", "carol"].map((by) => ({ kind: "approved", wave, gate, attempt, by }))
          : [{ kind: "declined", wave, gate, attempt, by: "bob", because: "not today" }];
      }
      case "return-gateway":
        return [{ kind: "return-started", gateway: decision.gateway }];
      case "await-resume":
        return [{ kind: "resumed", by: "bob" }];
      case "end":
        return [];
    }
  });
  const steps = rollout.steps
    .filter(({ status }) => status === "running")
    .map(({ name, attempts: attempt }): RolloutEvent => {
      // Every second gateway of a stack had a release before.
      const released = (goesWell() ? gatewaysOf(name) : []).map((gateway, place) => ({
        gateway,
        from: place === 0 ? "old" : null,
        to: `new-${String(attempt)}`,
      }));
      return goesWell()
        ? { kind: "step-succeeded", step: name, attempt, changed: goesWell(), released }
        : { kind: "step-failed", step: name, attempt, because: "quota", released };
    });
  const asked = rollout.waves.flatMap(({ gates: own }, wave) =>
    own.flatMap(({ status, attempt }, gate): RolloutEvent[] => {
      if (status !== "running") return [];
      const place = { wave, gate, attempt };
      return goesWell()
        ? [{ kind: "gate-passed", ...place, evidence: ["seen"] }]
        : [{ kind: "gate-failed", ...place, because: "a proof failed", evidence: ["tunnel down"] }];
    }),
  );
  const returning = (rollout.returns?.gateways ?? [])
    .filter(({ status }) => status === "running")
    .map(({ gateway }): RolloutEvent =>
      goesWell() ? { kind: "returned", gateway } : { kind: "return-failed", gateway, because: "no answer" },
    );
  return [...begins, ...steps, ...asked, ...returning];

  function gatewaysOf(name: string): string[] {
    const region = rollout.steps.find((step) => step.name === name)?.region;
    return region === undefined ? [] : [`${region}-${name}-a`, `${region}-${name}-b`];
  }
}

function peoplesWishes(
  rollout: Rollout,
  left: { readonly pauses: number; readonly cancels: number; readonly retries: number },
): RolloutEvent[] {
  if (next(rollout)[0]?.kind === "end") return left.retries > 0 ? [{ kind: "retry-asked", by: "carol" }] : [];
  return [
    ...(left.pauses > 0 && rollout.paused === undefined ? [{ kind: "paused" as const, by: "bob" }] : []),
    ...(left.cancels > 0 && rollout.cancelled === undefined
      ? [{ kind: "cancel-asked" as const, by: "bob" }]
      : []),
  ];
}
