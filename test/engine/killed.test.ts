import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { World } from "../../lab/world/model";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan } from "./fleets";

const stackName = "acme.region-use1";

describe("an engine that is killed in the middle", function () {
  this.timeout(300_000);
  let engine: Engine;
  let undisturbed: string[];

  const open = () =>
    engine.stack(stackName, stackProgram(fleetPlan(["euw1", "use1"]), stackName, { protect: false }));

  before(async () => {
    engine = await startEngine();
    const stack = await open();
    await stack.up();
    undisturbed = census(await engine.lab.world());
    await stack.destroy();
  });
  after(() => engine.close());

  for (const { when, which, reached } of [
    {
      when: "the first things are there",
      which: " @slow",
      reached: (world: World) => Object.keys(world.objects).length >= 3,
    },
    {
      when: "half of it is there",
      which: " @slow",
      reached: (world: World) => Object.keys(world.objects).length >= 12,
    },
    {
      when: "the first machine is there",
      which: "",
      reached: ({ objects }: World) => Object.values(objects).some(({ kind }) => kind === "machine"),
    },
  ])
    it(`when ${when}: no process goes on, and the next up ends as an undisturbed one${which}`, async () => {
      const stack = await open();
      const running = assert.rejects(stack.up());
      await poll(async () => reached(await engine.lab.world()));
      const [cli] = ours(engine).filter(
        ({ words }) => words[0]?.endsWith("bin/pulumi") && words.includes("up"),
      );
      assert.ok(cli !== undefined);
      process.kill(cli.pid, "SIGKILL");
      await running;
      await poll(() => Promise.resolve(ours(engine).length === 0));
      // The lock is the killed engine's; automation's runner looks whether its process lives before it does this.
      await stack.cancel();
      const again = await stack.up();
      assert.equal(again.summary.result, "succeeded");
      assert.deepEqual(census(await engine.lab.world()), undisturbed);
      await stack.refresh({ expectNoChanges: true });
      await stack.destroy();
      assert.deepEqual((await engine.lab.world()).objects, {});
    });
});

/** What there is, by kind and name: ids of security groups and the like differ between runs. */
function census({ objects }: World): string[] {
  return Object.values(objects)
    .map(({ kind, name }) => `${kind} ${name}`)
    .sort();
}

/** Processes of this lab's engines; the lab's own daemon has another environment. */
function ours({ lab }: Engine): { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split("\0").includes(`TRUNKLINE_LAB=${lab.folder}`))
    .map((pid) => ({ pid: Number(pid), words: read(`/proc/${pid}/cmdline`).split("\0") }));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function poll(step: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await step())) {
    if (Date.now() > deadline) throw new Error("It did not come to that within two minutes.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
