import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Plan } from "trunkline/fleet/plan";
import { beginRollout } from "../../../automation/rollout/begin";
import { fleetOptions } from "../../../automation/rollout/fleet-options";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import type { AskedRun } from "../../../automation/runs/run-log";
import { RunEngine } from "../../../automation/runs/run-engine";
import { operationMarker } from "../../../automation/runner/protocol";
import { openStore } from "../../../automation/store/store";
import { samplePlan } from "../../components/sample-plan";

/**
 * A process that begins a run, or goes on with the one that another has left, and says how it ends. What it does to stacks is
 * a line in a file when it begins and one when it ends, written by processes that outlive it.
 */
const fate = z
  .object({
    folder: z.string(),
    regions: z.array(z.string()),
    /** How long an operation takes, besides waiting for a file. */
    seconds: z.number(),
    awaits: z.string().optional(),
    /** What is done with a run that is left: it goes on, if nothing else is asked for. */
    left: z.enum(["given up"]).optional(),
    /** Dies when its run stands in the log, and has not begun. */
    dies: z.boolean().optional(),
    /** A stack whose operation fails. */
    fails: z.string().optional(),
    /** The health of this region fails its gate. */
    ill: z.string().optional(),
    soakSeconds: z.number().optional(),
    /** Absent: all stacks in one wave. */
    canary: z.string().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const did = join(fate.folder, "did");
const say = (line: string): void => appendFileSync(did, `${line}\n`);
const stop = new AbortController();
process.on("SIGINT", () => {
  stop.abort();
  say("interrupted");
});

async function main(): Promise<void> {
  const store = await openStore(join(fate.folder, "state"), {});
  const engine = await RunEngine.open(
    store,
    {
      operate: async (stack, _, { mark, run }) => {
        const script = `echo "begin ${stack} $$" >> "$0"; ${fate.awaits === undefined ? "" : `while [ ! -e ${fate.awaits} ]; do sleep 0.02; done;`} sleep ${String(fate.seconds)}; echo "end ${stack} $$" >> "$0"`;
        const child = spawn("/bin/sh", ["-c", script, did], {
          env: { PATH: process.env["PATH"] ?? "", [operationMarker]: mark },
          detached: true,
          stdio: "ignore",
        });
        await once(child, "exit");
        if (stack === fate.fails) return { outcome: "failed", because: `${stack} does as it was told` };
        const gateways = /fabric-(.+)$/.exec(stack)?.[1] === undefined ? [] : [`${stack}-a`];
        const to = `release of run ${String(run)}`;
        return {
          outcome: "succeeded",
          changed: true,
          released: gateways.map((gateway) => ({ gateway, from: "before", to })),
        };
      },
      soak: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
      gate: ({ what, regions }) => {
        say(`gate ${what.kind} ${regions.join("+")}`);
        const ill = regions.find((region) => region === fate.ill);
        return Promise.resolve(
          ill === undefined
            ? { outcome: "passed", evidence: [`${regions.join("+")} well`] }
            : { outcome: "failed", because: `${ill} is ill`, evidence: [] },
        );
      },
      proven: (steps) => say(`proven ${steps.join("+")}`),
      goBack: (gateway, to) => {
        say(`back ${gateway} ${to}`);
        return Promise.resolve({ outcome: "returned" });
      },
    },
    { markRoot: join(fate.folder, "state"), stop: stop.signal },
  );
  const plan = samplePlan(fate.regions);
  const left = await engine.log.unfinished(plan.fleet);
  if (left !== undefined && fate.left === "given up") await engine.giveUp(left.number, "another is wanted");
  let run = fate.left === "given up" ? undefined : left?.number;
  if (run === undefined) {
    const asked = askedFor(plan);
    if (fate.dies === true) {
      await engine.log.add(randomUUID(), asked);
      process.kill(process.pid, "SIGKILL");
    }
    run = await engine.begin(asked);
  } else await engine.resume(run);
  process.stdout.write(`${JSON.stringify({ run })}\n`);
  const { outcome } = await engine.ended(run);
  process.stdout.write(`${JSON.stringify({ run, outcome })}\n`);
  await engine.close();
  await store.leave();
}

function askedFor(plan: Plan): AskedRun {
  return {
    operation: "up",
    fleetHash: "0".repeat(64),
    commit: "1".repeat(40),
    rollout: beginRollout({
      fleet: plan.fleet,
      operation: "up",
      by: "alice",
      stacks: rolloutStacks(plan),
      options: fleetOptions(
        {
          ...(fate.canary === undefined ? {} : { canary: fate.canary, regionsPerWave: 1 }),
          failuresTolerated: 0,
          soakSeconds: fate.soakSeconds ?? 0,
          gates: [{ kind: "health" }],
        },
        3,
      ),
    }),
  };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
