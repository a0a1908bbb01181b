import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { Failure } from "../failure";
import { createOutput } from "./output";
import { common, type CommonOptions } from "./program";
import type { UpOptions } from "../up";

interface LiveOptions extends CommonOptions {
  readonly lab?: boolean;
  readonly yes?: boolean;
  readonly parallel?: string;
  readonly includeProtected?: boolean;
  readonly confirm?: string;
}

/** Commands that work on what is live: the clouds, or the lab with `--lab`; never guessed. */
export function addLiveCommands(program: Command): void {
  live(program.command("preview"))
    .description("what the engine would change")
    .action(async (options: LiveOptions) => {
      const { previewFleet } = await import("../up.js");
      await previewFleet(upOptions(options));
    });

  live(program.command("up"))
    .description("build or change the backbone; goes on where an earlier run ended")
    .option("--yes", "do not ask")
    .action(async (options: LiveOptions) => {
      const { upFleet } = await import("../up.js");
      await upFleet({ ...upOptions(options), ask: options.yes === true ? () => Promise.resolve(true) : ask });
    });

  live(program.command("destroy"))
    .description("take the backbone down, in the opposite order")
    .option("--confirm <FLEET>", "the fleet's name, instead of being asked for it")
    .option("--include-protected", "also addresses, networks and the authority")
    .action(async (options: LiveOptions) => {
      const { destroyFleet } = await import("../up.js");
      await destroyFleet({
        ...upOptions(options),
        includeProtected: options.includeProtected === true,
        confirm: (fleet) =>
          options.confirm === undefined
            ? answer(`This destroys fleet ${fleet}. Its name: `)
            : Promise.resolve(options.confirm),
      });
    });

  live(program.command("status"))
    .description("what the gateways say of themselves")
    .action(async (options: LiveOptions) => {
      const { statusOfFleet } = await import("../up.js");
      await statusOfFleet(upOptions(options));
    });

  live(program.command("rollback"))
    .description(
      "bring a gateway back to the release confirmed before; the next up brings the planned one again",
    )
    .argument("<GATEWAY>", "its id, such as use1-a")
    .action(async (gateway: string, options: LiveOptions) => {
      const { rollbackGateway } = await import("../rollback.js");
      await rollbackGateway(upOptions(options), gateway);
    });

  live(program.command("verify"))
    .description("prove what must be true, asked of daemons, kernels and packets")
    .action(async (options: LiveOptions) => {
      const { verifyFleet } = await import("../up.js");
      process.exitCode = await verifyFleet(upOptions(options));
    });
}

function live(command: Command): Command {
  return common(command)
    .option("--lab", "in the lab on this machine, in place of the clouds")
    .option("--parallel <N>", "stacks at once", "4");
}

function upOptions(options: LiveOptions): UpOptions {
  const parallel = Number(options.parallel ?? "4");
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new Failure(
      "badInput",
      `"${options.parallel ?? ""}" is no number of stacks.`,
      "Write --parallel 1 to 64.",
    );
  return {
    file: options.file,
    lab: options.lab === true,
    parallel,
    output: createOutput(options.json === true),
  };
}

async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answer(`${question} [y/N] `));
}

async function answer(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Failure("badInput", "There is nobody to ask.", "Add --yes (up) or --confirm FLEET (destroy).");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
