import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { beginRollout, type RolloutRequest } from "../../../automation/rollout/begin";
import type { StepResult } from "../../../automation/rollout/drive";
import type { RolloutEvent } from "../../../automation/rollout/event";
import { isAsked } from "../../../automation/rollout/gate-answer";
import type { End } from "../../../automation/rollout/progress";
import { record } from "../../../automation/rollout/record";
import type { Rollout } from "../../../automation/rollout/state";
import { type Durable, perform, type RunHands } from "../../../automation/runs/perform";
import { withoutTimes } from "./killed-runs";
import { requests } from "../rollout/random-run";

/** What is left of a process that is gone: results by their place, and the log. */
class Kept {
  readonly results: { readonly name: string; readonly value: unknown }[] = [];
  readonly events: RolloutEvent[] = [];

  /** As a process has it that ends when it has kept so many results. */
  process(lives: number): { readonly durable: Durable; readonly died: Promise<"died"> } {
    let place = 0;
    let die: (died: "died") => void = () => undefined;
    const died = new Promise<"died">((resolve) => (die = resolve));
    let left = lives;
    const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const at = place;
      place += 1;
      const before = this.results[at];
      if (before !== undefined) {
        assert.equal(before.name, name, "steps begin in another order");
        await turn();
        return before.value as T;
      }
      const value = await work();
      if (left <= 0) {
        die("died");
        return new Promise<never>(() => undefined);
      }
      left -= 1;
      this.results[at] = { name, value };
      return value;
    };
    const event: Durable["event"] = (at, make) =>
      step(`event ${String(at)}`, async () => (this.events[at] ??= await make()));
    return { durable: { step, event }, died };
  }
}

/** Hands whose results follow from what they are asked alone, each a few turns late. */
function hands(fails: readonly string[], ill: boolean, did: string[], turns: readonly number[]): RunHands {
  const some = async (): Promise<void> => {
    for (let left = turns[did.length % turns.length] ?? 1; left > 0; left -= 1) await turn();
  };
  return {
    operate: async (stack, attempt): Promise<StepResult> => {
      did.push(`begin ${stack} ${String(attempt)}`);
      await some();
      return fails.includes(stack)
        ? { outcome: "failed", because: `${stack} fails` }
        : { outcome: "succeeded", changed: true, released: [{ gateway: stack, from: "old", to: "new" }] };
    },
    soak: some,
    gate: async ({ regions }) => {
      await some();
      return ill && regions.includes("r1")
        ? { outcome: "failed", because: "r1 is ill", evidence: [] }
        : { outcome: "passed", evidence: [] };
    },
    proven: () => undefined,
    goBack: async (gateway) => {
      did.push(`back ${gateway}`);
      await some();
      return { outcome: "returned" };
    },
  };
}

function stateOf(begun: Rollout, events: readonly RolloutEvent[]): Rollout {
  return events.reduce((state, event) => {
    const result = record(state, event);
    assert.ok(result.ok);
    return result.rollout;
  }, begun);
}

/** All that fails is tolerated: what comes of it does not depend on what ends first. */
function asked({ options, ...request }: RolloutRequest): Rollout {
  const gates = options.gates.filter(isAsked);
  return beginRollout({
    ...request,
    options: { ...options, failuresTolerated: "any", startGates: [], gates },
  });
}

describe("a run that outlives its processes", () => {
  const never = new AbortController().signal;

  it("ends as one in a single process, whatever was kept when each of them died", async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        fc.subarray(["s0", "s3", "s7"]),
        fc.boolean(),
        fc.array(fc.nat(12), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 }),
        async (request, fails, ill, lives, turns) => {
          const begun = asked(request);
          const calm = new Kept();
          const expected = await perform(
            begun,
            calm.process(Infinity).durable,
            hands(fails, ill, [], turns),
            never,
          );
          const rough = new Kept();
          let end: End | "died" = "died";
          const ended = new Set<string>();
          for (const life of [...lives, Infinity]) {
            const did: string[] = [];
            const { durable, died } = rough.process(life);
            end = await Promise.race([died, perform(begun, durable, hands(fails, ill, did, turns), never)]);
            assert.equal(new Set(did).size, did.length, "one process does the same twice");
            for (const what of did) assert.ok(!ended.has(what), `${what} is done again`);
            for (const result of rough.results) {
              const step = /^(?:up|destroy) (.+), attempt (\d+)$/.exec(result?.name ?? "");
              if (step !== null) ended.add(`begin ${step[1] ?? ""} ${step[2] ?? ""}`);
            }
            if (end !== "died") break;
          }
          assert.deepEqual(end, expected);
          assert.deepEqual(
            withoutTimes(stateOf(begun, rough.events)),
            withoutTimes(stateOf(begun, calm.events)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is stopped for good: a later process, which nobody stops, starts nothing", async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.nat(20), fc.nat(6), async (request, after, life) => {
        const begun = asked(request);
        const kept = new Kept();
        const stop = new AbortController();
        const did: string[] = [];
        const first = kept.process(after + life);
        const run = perform(begun, first.durable, hands([], false, did, [2]), stop.signal);
        while (kept.results.length < after && (await Promise.race([run, turn("on")])) === "on");
        stop.abort();
        const cut = await Promise.race([first.died, run]);
        const cancelled = kept.events.some(({ kind }) => kind === "cancel-asked");
        const known = new Set(did);
        const again: string[] = [];
        const end = await perform(begun, kept.process(Infinity).durable, hands([], false, again, [2]), never);
        if (!cancelled) return;
        assert.deepEqual(
          again.filter((what) => what.startsWith("begin") && !known.has(what)),
          [],
        );
        if (cut !== "died") assert.deepEqual(end, cut);
      }),
      { numRuns: 200 },
    );
  });
});
