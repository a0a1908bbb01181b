import type { FleetRollout } from "trunkline/fleet/rollout";
import type { Plan } from "trunkline/fleet/plan";
import { changedStacks } from "trunkline/stacks/graph";
import { counted } from "../counted";
import { beginRollout } from "../rollout/begin";
import { gateText } from "../rollout/gate";
import { fleetOptions } from "../rollout/fleet-options";
import { rolloutStacks } from "../rollout/stacks";
import type { Wave } from "../rollout/state";
import { table } from "../table";

/** The waves in which an `up` goes through a fleet's stacks: what `plan --waves` shows. */
export interface WavesReport {
  readonly format: "trunkline.waves/1";
  readonly fleet: string;
  readonly parallel: number;
  readonly failuresTolerated: number;
  readonly waves: readonly ReportedWave[];
}

export interface ReportedWave {
  readonly kind: Wave["kind"];
  /** Names of stacks; those that need each other go one after the other all the same. */
  readonly stacks: readonly string[];
  /** Regions that are complete after it. */
  readonly completes: readonly string[];
  /** Of its stacks those whose part of the plan differs from before; absent where nothing was given to compare with. */
  readonly changes?: readonly string[];
  /** What is waited for after it, if it changed something. */
  readonly soakSeconds: number;
  /** What is asked behind that, in this order, in a few words each. */
  readonly gates: readonly string[];
}

/** @param before the plan to compare with; absent: nothing is said of what changes */
export function wavesReport(plan: Plan, rollout: FleetRollout, before: Plan | undefined): WavesReport {
  const { waves } = beginRollout({
    fleet: plan.fleet,
    operation: "up",
    by: "plan",
    stacks: rolloutStacks(plan),
    options: fleetOptions(rollout, rollout.parallel),
  });
  const changed =
    before === undefined ? undefined : new Set(changedStacks(before, plan).map(({ name }) => name));
  return {
    format: "trunkline.waves/1",
    fleet: plan.fleet,
    parallel: rollout.parallel,
    failuresTolerated: rollout.failuresTolerated,
    waves: waves.map(({ kind, steps, completes, gates }) => ({
      kind,
      stacks: steps,
      completes,
      ...(changed === undefined ? {} : { changes: steps.filter((name) => changed.has(name)) }),
      soakSeconds: gates.reduce((sum, { gate }) => sum + (gate.kind === "soak" ? gate.seconds : 0), 0),
      gates: gates.flatMap(({ gate }) => (gate.kind === "soak" ? [] : [gateText(gate)])),
    })),
  };
}

export function wavesText({ fleet, parallel, failuresTolerated, waves }: WavesReport): string {
  const stacks = waves.flatMap((wave) => wave.stacks);
  const compared = waves.some(({ changes }) => changes !== undefined);
  const short = (names: readonly string[]): string =>
    names.length === 0 ? "nothing" : names.map((name) => name.slice(fleet.length + 1)).join(" ");
  return [
    `Fleet ${fleet}: ${counted(stacks.length, "stack")} in ${counted(waves.length, "wave")}, ${String(parallel)} at once; nothing new starts after ${failuresText(failuresTolerated)}.`,
    "",
    table([
      ["wave", "what", compared ? "stacks that change" : "stacks", "of", "then"],
      ...waves.map(({ kind, stacks: own, changes, soakSeconds, gates }, index) => [
        String(index + 1),
        kind,
        short(changes ?? own),
        counted(own.length, "stack"),
        [...(soakSeconds === 0 ? [] : [`${String(soakSeconds)} s`]), ...gates].join(", "),
      ]),
    ]),
    ...idleCanary(waves),
  ].join("\n");
}

function failuresText(tolerated: number): string {
  return tolerated === 0 ? "the first that fails" : `more than ${counted(tolerated, "failure")}`;
}

/** A canary that is as it was shows nothing. */
function idleCanary(waves: readonly ReportedWave[]): string[] {
  const canaries = waves.filter(({ kind }) => kind === "canary");
  const idle = canaries.length > 0 && canaries.every(({ changes }) => changes?.length === 0);
  const others = waves.some(({ changes = [] }) => changes.length > 0);
  return idle && others ? ["The canary has nothing to do: what changes reaches the others without it."] : [];
}
