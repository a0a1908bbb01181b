import { join } from "node:path";
import { z } from "zod";
import { exitCodes, Failure, messageOf } from "../../../automation/failure";
import { watchInterrupts } from "../../../automation/interrupt";
import { takeFleetLock } from "../../../automation/runner/fleet-lock";
import { openStateFolder } from "../../../automation/runner/state-folder";
import type { Graph, Operation } from "../../../automation/runner/runner";
import { artifacts } from "../../../tools/setup/artifacts";
import { cacheFolder } from "../../../tools/setup/cache";
import { LocalRunner, withoutLoader } from "../compiled";

/** One run as the command makes it, over the stacks of `programs.ts`: its events as JSON lines. */
const graph: Graph = {
  stacks: [
    { name: "one", dependsOn: [] },
    { name: "other", dependsOn: [] },
    { name: "last", dependsOn: ["one", "other"] },
  ],
};

// Node itself takes the types off `programs.ts`.
withoutLoader();

async function main(
  folder: string,
  operation: Operation,
  protectedResources: "kept" | "included",
): Promise<number> {
  const stateFolder = join(folder, "state");
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    PULUMI_HOME: join(folder, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // As the lab has it: half of loading the engine's SDK is compiling it.
    NODE_COMPILE_CACHE: join(cacheFolder(), "compiled"),
  };
  openStateFolder(stateFolder, environment);
  const interrupts = watchInterrupts((message) => say({ kind: "heard", message }));
  try {
    const lock = takeFleetLock(stateFolder, `run ${operation}`);
    try {
      const events = new LocalRunner().run(graph, operation, {
        project: "test",
        site: { kind: "cloud", environment, stateFolder, pulumiRoot: artifacts().pulumiRoot },
        programs: join(__dirname, "programs.ts"),
        input: { folder },
        parallel: 2,
        protectedResources,
        stop: interrupts.stop,
        stopNow: interrupts.stopNow,
        onOutputs: (stack, outputs) => say({ kind: "outputs", stack, outputs }),
      });
      for await (const event of events) if (event.kind !== "resource") say(event);
      return 0;
    } finally {
      lock.release();
    }
  } catch (error) {
    say({ kind: "thrown", message: messageOf(error) });
    return error instanceof Failure ? error.exitCode : exitCodes.ourFault;
  } finally {
    interrupts.release();
  }
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const [folder, operation, protectedResources] = z
  .tuple([
    z.string(),
    z.enum(["up", "preview", "destroy", "outputs"]),
    z.enum(["kept", "included"]).default("kept"),
  ])
  .parse(process.argv.slice(2));
void main(folder, operation, protectedResources).then((code) => process.exit(code));
