import { disturbedOf, returnEnded, stepEnded } from "../rollout/results";
import type { Hands, StepResult } from "../rollout/drive";
import type { RolloutEvent } from "../rollout/event";
import { type GateAnswer, isAsked } from "../rollout/gate-answer";
import { type Decision, next } from "../rollout/next";
import type { End } from "../rollout/progress";
import { record } from "../rollout/record";
import type { Rollout } from "../rollout/state";

/** What acts for a run that outlives its process: each of these may be done twice, where the process ended in the middle. */
export interface RunHands extends Omit<Hands, "step" | "soak"> {
  operate(stack: string, attempt: number): Promise<StepResult>;
  /** Ends early where nothing new is to start any more. */
  soak(seconds: number, regions: readonly string[]): Promise<void>;
}

/** Keeps results, so that the next process has them. */
export interface Durable {
  /**
   * Work whose result is kept, once there is one: it is done again only by a process that finds none. Steps are told apart by the
   * order in which they begin, so that order must follow from earlier results alone.
   */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The event of that place in the run's log: the one that is there, or the one that is made now. */
  event(place: number, make: () => Promise<RolloutEvent>): Promise<RolloutEvent>;
}

type Start = Extract<Decision, { kind: "start-step" | "run-gate" | "return-gateway" }>;

/**
 * Goes through a run from its beginning, also where another process has done so before: what has been done is taken from its
 * results, in the order in which it was recorded then, and what was begun and has none is begun again.
 * @param stop cancels the run: what runs is finished
 */
export async function perform(
  begun: Rollout,
  durable: Durable,
  hands: RunHands,
  stop: AbortSignal,
): Promise<End> {
  let rollout = begun;
  const running = new Map<string, Promise<RolloutEvent>>();
  const acting = new Set<Promise<unknown>>();
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
  for (let place = 0; ; place += 1) {
    const [first, ...others] = next(rollout);
    if (first?.kind === "end") {
      await Promise.allSettled(acting);
      return first;
    }
    const start = [...(first === undefined ? [] : [first]), ...others].find(isStart);
    const event = await durable.event(place, () => happens(start));
    const result = record(rollout, event);
    if (!result.ok) throw new Error(`${event.kind}: ${result.because}`);
    rollout = result.rollout;
    if (start !== undefined && /-started$/.test(event.kind)) begin(start, event);
    else running.delete(nameOf(event));
    if (event.kind === "gate-passed") await prove(event.wave);
  }

  /** What is next: an interrupt, something that may begin, or the first that ends. */
  async function happens(start: Start | undefined): Promise<RolloutEvent> {
    const cancel = { kind: "cancel-asked", by: "an interrupt" } as const;
    const mayCancel = rollout.cancelled === undefined;
    if (mayCancel && stop.aborted) return cancel;
    if (start !== undefined) return startOf(start);
    return Promise.race([...(mayCancel ? [stopped.then(() => cancel)] : []), ...running.values()]);
  }

  function begin(start: Start, event: RolloutEvent): void {
    const ends = endOf(start, event);
    // Of one that nobody waits for any more the result is not missed.
    ends.catch(() => undefined);
    running.set(nameOf(event), ends);
  }

  async function endOf(start: Start, event: RolloutEvent): Promise<RolloutEvent> {
    switch (start.kind) {
      case "start-step": {
        const { step, attempt } = start;
        const name = `${rollout.operation} ${step}, attempt ${String(attempt)}`;
        return stepEnded(step, attempt, await act(name, () => hands.operate(step, attempt)));
      }
      case "return-gateway": {
        const { gateway, to } = start;
        return returnEnded(gateway, await act(`return ${gateway}`, () => hands.goBack(gateway, to)));
      }
      case "run-gate": {
        const { wave, gate, attempt } = start;
        const about = { wave, gate, attempt };
        const startedAt = event.kind === "gate-started" ? event.at : undefined;
        const name = `gate ${String(wave)}.${String(gate)}, attempt ${String(attempt)}`;
        const disturbed = disturbedOf(rollout, start.unsettled);
        const answer = await durable.step(name, async () => {
          const said = await awaited(answered(start, startedAt, disturbed));
          // No result: whoever goes on asks again, and a run that is stopped waits for none.
          return said.outcome === "interrupted" ? new Promise<never>(() => undefined) : said;
        });
        const evidence = [...answer.evidence];
        return answer.outcome === "passed"
          ? { kind: "gate-passed", ...about, evidence }
          : { kind: "gate-failed", ...about, because: answer.because, evidence };
      }
    }
  }

  function act<T>(name: string, work: () => Promise<T>): Promise<T> {
    return durable.step(name, () => awaited(work()));
  }

  /** Hands are waited for, even where the run ends without their result. */
  function awaited<T>(done: Promise<T>): Promise<T> {
    const tracked: Promise<unknown> = done.catch(() => undefined).finally(() => acting.delete(tracked));
    acting.add(tracked);
    return done;
  }

  async function answered(
    { what, regions, unsettled }: Extract<Start, { kind: "run-gate" }>,
    startedAt: string | undefined,
    disturbed: readonly string[],
  ): Promise<GateAnswer> {
    if (!isAsked(what)) throw new Error(`Nobody here asks a gate of kind ${what.kind}.`);
    if (what.kind !== "soak") return hands.gate({ what, regions, unsettled, disturbed });
    // It goes on where an earlier process was; a clock that was put back makes it no longer than it is.
    const gone = startedAt === undefined ? 0 : (Date.now() - Date.parse(startedAt)) / 1000;
    await hands.soak(Math.min(what.seconds, Math.max(0, what.seconds - gone)), regions);
    return stop.aborted ? { outcome: "interrupted" } : { outcome: "passed", evidence: [] };
  }

  async function prove(wave: number): Promise<void> {
    const { steps = [], gates = [] } = rollout.waves[wave] ?? {};
    if (!gates.every(({ status }) => status === "passed")) return;
    await durable.step(`proven ${String(wave)}`, () => {
      hands.proven(steps);
      return Promise.resolve(true);
    });
  }
}

function isStart(decision: Decision): decision is Start {
  return decision.kind === "start-step" || decision.kind === "run-gate" || decision.kind === "return-gateway";
}

function startOf(start: Start): RolloutEvent {
  switch (start.kind) {
    case "start-step":
      return { kind: "step-started", step: start.step, attempt: start.attempt };
    case "run-gate": {
      const { wave, gate, attempt } = start;
      return { kind: "gate-started", wave, gate, attempt, at: new Date().toISOString() };
    }
    case "return-gateway":
      return { kind: "return-started", gateway: start.gateway };
  }
}

/** What an event is about: the same of a beginning and of its end. */
function nameOf(event: RolloutEvent): string {
  if ("step" in event) return `step ${event.step}`;
  if ("wave" in event) return `gate ${String(event.wave)}.${String(event.gate)}`;
  return "gateway" in event ? `return ${event.gateway}` : event.kind;
}
