import assert from "node:assert/strict";
import fc from "fast-check";
import type { RolloutRequest } from "../../../automation/rollout/begin";
import { next } from "../../../automation/rollout/next";
import { endOf } from "../../../automation/rollout/progress";
import { record } from "../../../automation/rollout/record";
import { formatRollout, parseRollout, type Rollout } from "../../../automation/rollout/state";
import { fates, live, requests, type Told } from "./random-run";

const runs = { numRuns: 300 };

/** Judged by what is seen from outside: which events were taken, and the graph as it was asked for. */
function law(
  name: string,
  holds: (request: RolloutRequest, told: readonly Told[], begun: Rollout) => void,
): void {
  it(name, () => {
    fc.assert(
      fc.property(requests, fates, (request, fate) => {
        const { begun, told } = live(request, fate);
        holds(
          request,
          told.filter(({ accepted }) => accepted),
          begun,
        );
      }),
      runs,
    );
  });
}

/** By step, what must stand before it: its dependencies in the run, or for a destroy whoever depends on it. */
function needsOf({ stacks, changed, operation }: RolloutRequest, step: string): string[] {
  const others =
    operation === "up"
      ? (stacks.find(({ name }) => name === step)?.dependsOn ?? [])
      : stacks.filter(({ dependsOn }) => dependsOn.includes(step)).map(({ name }) => name);
  return others.filter((name) => changed?.has(name));
}

/** All that must stand before it, however far down. */
function allNeedsOf(request: RolloutRequest, step: string): Set<string> {
  const found = new Set<string>();
  const look = (name: string): void => {
    for (const need of needsOf(request, name))
      if (!found.has(need)) {
        found.add(need);
        look(need);
      }
  };
  look(step);
  return found;
}

/** Walks over the events, and says what succeeded and what runs before each. */
function walk(
  told: readonly Told[],
  visit: (one: Told, seen: { running: ReadonlySet<string>; succeeded: ReadonlySet<string> }) => void,
): void {
  const running = new Set<string>();
  const succeeded = new Set<string>();
  for (const one of told) {
    visit(one, { running, succeeded });
    const { event } = one;
    if (event.kind === "step-started") running.add(event.step);
    if (event.kind === "step-succeeded" || event.kind === "step-failed") running.delete(event.step);
    if (event.kind === "step-succeeded") succeeded.add(event.step);
    if (event.kind === "returned")
      for (const step of [...succeeded]) if (event.gateway.includes(`-${step}-`)) succeeded.delete(step);
  }
}

describe("laws of a rollout, over random graphs, options and orders of events", () => {
  law("no step starts before all that it needs has succeeded", (request, told) => {
    walk(told, ({ event }, { succeeded }) => {
      if (event.kind !== "step-started") return;
      for (const need of needsOf(request, event.step))
        assert.ok(succeeded.has(need), `${event.step}: ${need}`);
    });
  });

  law("no more steps run at once than allowed, nor gateways of one region go back", (request, told) => {
    walk(told, ({ event, after }, { running }) => {
      if (event.kind === "step-started") assert.ok(running.size < request.options.parallel);
      const back = after.returns?.gateways.filter(({ status }) => status === "running") ?? [];
      assert.ok(back.length <= request.options.parallel);
      assert.equal(new Set(back.map(({ region }) => region)).size, back.length);
    });
  });

  law("the canary goes first, behind what it needs alone, and by itself", (request, told, begun) => {
    const { canary } = request.options;
    const canaries = begun.waves.flatMap(({ kind, steps }) => (kind === "canary" ? steps : []));
    const regionOf = new Map(request.stacks.map(({ name, region }) => [name, region]));
    const touched = [...(request.changed ?? [])].filter((name) => regionOf.get(name) !== undefined);
    const named = touched.filter((name) => regionOf.get(name) === canary);
    assert.equal(canaries.length > 0, canary !== undefined && touched.length > 0);
    if (named.length > 0) assert.deepEqual(new Set(canaries), new Set(named));
    // Destroy is the same from its end.
    if (request.operation === "destroy") return;
    const last = canaries.at(-1);
    if (last === undefined) return;
    const mayStandBefore = new Set(canaries.flatMap((name) => [name, ...allNeedsOf(request, name)]));
    let done = false;
    walk(told, ({ event }, { running }) => {
      if (event.kind === "step-started") {
        assert.ok(done || mayStandBefore.has(event.step), `${event.step} before the canary`);
        if (canaries.includes(event.step)) assert.equal(running.size, 0);
        else assert.ok(![...running].some((name) => canaries.includes(name)));
      }
      if (event.kind === "step-succeeded" && event.step === last) done = true;
    });
  });

  law(
    "after more failures than are tolerated, or the canary's, nothing new starts until it is asked again",
    (request, told, begun) => {
      const { failuresTolerated } = request.options;
      const canaries = begun.waves.flatMap(({ kind, steps }) => (kind === "canary" ? steps : []));
      const failed = new Set<string>();
      for (const { event } of told) {
        if (event.kind === "retry-asked") failed.clear();
        if (event.kind === "step-failed") failed.add(event.step);
        if (event.kind !== "step-started" && event.kind !== "gate-started") continue;
        if (failuresTolerated !== "any") assert.ok(failed.size <= failuresTolerated);
        assert.ok(!canaries.some((name) => failed.has(name)));
      }
    },
  );

  law("a run that is cancelled or paused starts nothing; what runs is finished", (_, told) => {
    let held: "cancelled" | "paused" | undefined;
    let cancelled = false;
    for (const { event } of told) {
      if (event.kind === "cancel-asked") cancelled = true;
      if (event.kind === "paused") held = "paused";
      if (event.kind === "resumed") held = undefined;
      if (event.kind === "retry-asked") [held, cancelled] = [undefined, false];
      if (event.kind === "step-started" || event.kind === "gate-started")
        assert.ok(held === undefined && !cancelled);
    }
  });

  law(
    "a wave starts when each gate of the waves before it has passed, or had nothing to judge",
    (_, told, begun) => {
      const waveOf = new Map(begun.waves.flatMap(({ steps }, wave) => steps.map((step) => [step, wave])));
      const passed = new Set<string>();
      const touched = new Set<number>();
      for (const { event } of told) {
        switch (event.kind) {
          case "gate-passed":
          case "approved":
            passed.add(`${String(event.wave)}.${String(event.gate)}.${String(event.attempt)}`);
            break;
          case "step-failed":
            touched.add(waveOf.get(event.step) ?? -1);
            break;
          case "step-succeeded":
            if (event.changed || event.released.length > 0) touched.add(waveOf.get(event.step) ?? -1);
            break;
          case "step-started": {
            const own = waveOf.get(event.step) ?? 0;
            for (const [wave, { gates, steps }] of begun.waves.slice(0, own).entries())
              for (const [gate, { gate: what }] of gates.entries()) {
                const asked = what.kind === "approval" || steps.length === 0 || touched.has(wave);
                const place = `${String(wave)}.${String(gate)}.`;
                assert.ok(!asked || [...passed].some((one) => one.startsWith(place)), `gate ${place}`);
              }
            break;
          }
          default:
        }
      }
    },
  );

  law("who asked for a run never approves it where another must", (_, told) => {
    const askers = new Set(["alice"]);
    for (const { event, before } of told) {
      if (event.kind === "retry-asked") askers.add(event.by);
      if (event.kind !== "approved") continue;
      const { gate } = before.waves[event.wave]?.gates[event.gate] ?? {};
      if (gate?.kind === "approval" && gate.by === "another") assert.ok(!askers.has(event.by));
    }
  });

  law("every run ends, and an ended one does nothing more", (request, told, begun) => {
    const end = told.at(-1)?.after ?? begun;
    assert.equal(next(end)[0]?.kind, "end", JSON.stringify(end));
    // Each attempt, and each doubled word of people's, costs a bounded number.
    const most = (request.stacks.length * 4 + 60) * 10;
    assert.ok(told.length < most, `${String(told.length)} events`);
    for (const { before, after } of told) {
      const running = before.steps.some(({ status }) => status === "running");
      assert.ok(endOf(before) === undefined || !running);
      // Nobody waits for nothing: where nothing is under way, something is decided.
      const underWay =
        after.steps.some(({ status }) => status === "running") ||
        after.waves.some(({ gates }) => gates.some(({ status }) => status === "running")) ||
        after.returns?.gateways.some(({ status }) => status === "running") === true;
      assert.ok(underWay || next(after).length > 0);
    }
  });

  law("the same events give the same state, through text and back", (_, told, begun) => {
    let rollout = begun;
    for (const { event, after } of told) {
      const kept = parseRollout(formatRollout(rollout));
      assert.ok(kept.ok);
      const result = record(kept.value, event);
      assert.ok(result.ok);
      rollout = result.rollout;
      assert.deepEqual(rollout, after);
    }
  });

  law("a step that has succeeded is not done again, unless its gateways went back", (_, told) => {
    walk(told, ({ event }, { succeeded }) => {
      if (event.kind === "step-started") assert.ok(!succeeded.has(event.step), event.step);
    });
  });

  law(
    "done means that all have succeeded; rolled back, that every gateway of the wave is where it was",
    (request, told, begun) => {
      const end = told.at(-1)?.after ?? begun;
      const { outcome, because } = endOf(end) ?? assert.fail();
      const all = end.steps.every(({ status }) => status === "succeeded");
      if (outcome === "done") assert.ok(all);
      else assert.match(because ?? "", /./);
      if (outcome !== "rolled-back") return;
      assert.equal(request.operation, "up");
      const wave = end.waves[end.returns?.wave ?? -1];
      for (const step of end.steps.filter(({ name }) => wave?.steps.includes(name)))
        assert.ok(step.released.every(({ from }) => from === null));
    },
  );

  it("all that can happen does: no law holds for want of cases", () => {
    const seen = new Set<string>();
    const samples = fc.sample(fc.tuple(requests, fates), { numRuns: 600, seed: 7 });
    for (const [request, fate] of samples) {
      const { begun, told } = live(request, fate);
      const end = endOf(told.at(-1)?.after ?? begun);
      seen.add(end?.outcome ?? "");
      for (const { event, accepted, after } of told) {
        seen.add(`${event.kind} ${accepted ? "taken" : "refused"}`);
        if (after.returns !== undefined)
          seen.add(`returns ${String(Math.min(2, after.returns.gateways.length))}`);
      }
      for (const { kind } of begun.waves) seen.add(kind);
    }
    const kinds = [
      "step-started",
      "step-succeeded",
      "step-failed",
      "gate-started",
      "gate-passed",
      "gate-failed",
      "approved",
    ]
      .concat([
        "return-started",
        "returned",
        "return-failed",
        "paused",
        "resumed",
        "cancel-asked",
        "retry-asked",
      ])
      .flatMap((kind) => [`${kind} taken`, `${kind} refused`]);
    const wanted = [
      "done",
      "failed",
      "rolled-back",
      "cancelled",
      "declined taken",
      "returns 0",
      "returns 2",
    ].concat(["start", "canary", "preparation", "regions", "rest"], kinds);
    assert.deepEqual(
      wanted.filter((one) => !seen.has(one)),
      [],
    );
  });
});
