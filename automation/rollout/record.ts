import type { RolloutEvent } from "./event";
import { next } from "./next";
import { endOf } from "./progress";
import { type Recorded, recorded, refused } from "./recorded";
import { together } from "./released";
import { retried } from "./retry";
import type { GatewayReturn, GateState, Rollout, Step } from "./state";

/**
 * The state after an event. An event that no decision led to is refused, whoever sends it, so that no order of events breaks
 * what `next` keeps: late, doubled and made-up ones change nothing.
 */
export function record(rollout: Rollout, event: RolloutEvent): Recorded {
  switch (event.kind) {
    case "step-started": {
      const { step, attempt } = event;
      const decided = next(rollout).some(
        (one) => one.kind === "start-step" && one.step === step && one.attempt === attempt,
      );
      if (!decided) return refused(`The step ${step} is not to be started now.`);
      return recorded(withStep(rollout, step, () => ({ status: "running", attempts: attempt })));
    }
    case "step-succeeded":
    case "step-failed": {
      const { step, attempt } = event;
      const running = rollout.steps.some(
        ({ name, status, attempts }) => name === step && status === "running" && attempts === attempt,
      );
      if (!running) return refused(`The step ${step} does not run, or not for the ${String(attempt)}. time.`);
      return recorded(withStep(rollout, step, (before) => resultOf(before, event)));
    }
    case "gate-started":
    case "gate-passed":
    case "gate-failed":
    case "approved":
    case "declined":
      return recordGate(rollout, event);
    case "return-started":
    case "returned":
    case "return-failed":
      return recordReturn(rollout, event);
    case "paused":
      if (endOf(rollout) !== undefined) return refused("The run has ended.");
      if (rollout.paused !== undefined) return refused("The run is paused already.");
      return recorded({ ...rollout, paused: { by: event.by } });
    case "resumed": {
      const { paused, ...rest } = rollout;
      return paused === undefined ? refused("The run is not paused.") : recorded(rest);
    }
    case "cancel-asked":
      if (endOf(rollout) !== undefined) return refused("The run has ended.");
      if (rollout.cancelled !== undefined) return refused("The run is cancelled already.");
      return recorded({ ...rollout, cancelled: { by: event.by } });
    case "retry-asked":
      return retried(rollout, event.by);
  }
}

function withStep(rollout: Rollout, name: string, change: (before: Step) => Partial<Step>): Rollout {
  return {
    ...rollout,
    steps: rollout.steps.map((step) => {
      if (step.name !== name) return step;
      const before = { ...step };
      // Why it failed is of that attempt alone.
      delete before.because;
      return { ...before, ...change(step) };
    }),
  };
}

function resultOf(
  { changed, released }: Step,
  event: Extract<RolloutEvent, { kind: "step-succeeded" | "step-failed" }>,
): Partial<Step> {
  const all = [...together(released, event.released)];
  return event.kind === "step-succeeded"
    ? { status: "succeeded", changed: changed || event.changed || all.length > 0, released: all }
    : { status: "failed", because: event.because, changed: true, released: all };
}

type GateEvent = Extract<
  RolloutEvent,
  { kind: "gate-started" | "gate-passed" | "gate-failed" | "approved" | "declined" }
>;

function recordGate(rollout: Rollout, event: GateEvent): Recorded {
  const state = rollout.waves[event.wave]?.gates[event.gate];
  const isThis = (one: { readonly wave: number; readonly gate: number; readonly attempt: number }): boolean =>
    one.wave === event.wave && one.gate === event.gate && one.attempt === event.attempt;
  const decided = next(rollout).find(
    (one) => (one.kind === "run-gate" || one.kind === "await-approval") && isThis(one),
  );
  const name = `The gate ${String(event.gate)} of the wave ${String(event.wave)}`;
  switch (event.kind) {
    case "gate-started":
      if (decided?.kind !== "run-gate") return refused(`${name} is not to be asked now.`);
      return recorded(withGate(rollout, event, { status: "running", startedAt: event.at }));
    case "gate-passed":
    case "gate-failed": {
      if (state?.status !== "running" || state.attempt !== event.attempt || endOf(rollout) !== undefined)
        return refused(`${name} is not being asked.`);
      const { evidence } = event;
      return event.kind === "gate-passed"
        ? recorded(withGate(rollout, event, { status: "passed", evidence }))
        : failedGate(rollout, event, { because: event.because, evidence });
    }
    case "approved":
    case "declined": {
      if (decided?.kind !== "await-approval") return refused(`${name} awaits no approval now.`);
      // Whoever asked for a run may stop it: with a "no" nothing begins that another has not agreed to.
      if (event.kind === "declined")
        return failedGate(rollout, event, { by: event.by, because: event.because });
      if (decided.notBy.includes(event.by))
        return refused(`${event.by} asked for this run, and another must approve it.`);
      return recorded(withGate(rollout, event, { status: "passed", by: event.by }));
    }
  }
}

function withGate(
  rollout: Rollout,
  at: { readonly wave: number; readonly gate: number },
  change: Partial<GateState>,
): Rollout {
  return {
    ...rollout,
    waves: rollout.waves.map((wave, index) =>
      index === at.wave
        ? {
            ...wave,
            gates: wave.gates.map((gate, place) => (place === at.gate ? { ...gate, ...change } : gate)),
          }
        : wave,
    ),
  };
}

/** What the wave brought to its gateways is taken back; a destroy brought nothing. */
function failedGate(
  rollout: Rollout,
  at: { readonly wave: number; readonly gate: number },
  change: Partial<GateState>,
): Recorded {
  const own = new Set(rollout.waves[at.wave]?.steps);
  const gateways = rollout.steps
    .filter(({ name }) => own.has(name) && rollout.operation === "up")
    .flatMap(({ region, released }) =>
      released.flatMap(({ gateway, from }): GatewayReturn[] =>
        from === null
          ? []
          : [{ gateway, ...(region === undefined ? {} : { region }), to: from, status: "waiting" }],
      ),
    );
  return recorded({
    ...withGate(rollout, at, { status: "failed", ...change }),
    returns: { wave: at.wave, gateways },
  });
}

function recordReturn(
  rollout: Rollout,
  event: Extract<RolloutEvent, { kind: "return-started" | "returned" | "return-failed" }>,
): Recorded {
  const { returns } = rollout;
  const found = returns?.gateways.find(({ gateway }) => gateway === event.gateway);
  if (returns === undefined || found === undefined) return refused(`${event.gateway} is not to go back.`);
  const change = (to: Partial<GatewayReturn>): Rollout => ({
    ...rollout,
    returns: {
      ...returns,
      gateways: returns.gateways.map((one) => (one === found ? { ...one, ...to } : one)),
    },
  });
  if (event.kind === "return-started")
    return next(rollout).some((one) => one.kind === "return-gateway" && one.gateway === event.gateway)
      ? recorded(change({ status: "running" }))
      : refused(`${event.gateway} is not to go back now.`);
  if (found.status !== "running") return refused(`${event.gateway} is not going back.`);
  if (event.kind === "return-failed") return recorded(change({ status: "failed", because: event.because }));
  return recorded(withoutRelease(change({ status: "returned" }), event.gateway));
}

/** The step that brought a release that is gone has not succeeded any more. */
function withoutRelease(rollout: Rollout, gateway: string): Rollout {
  return {
    ...rollout,
    steps: rollout.steps.map((step) =>
      step.released.some((one) => one.gateway === gateway)
        ? {
            ...step,
            status: step.status === "succeeded" ? "returned" : step.status,
            released: step.released.filter((one) => one.gateway !== gateway),
          }
        : step,
    ),
  };
}
