import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { addFleetCommands } from "./fleet-commands";
import { addLabCommands } from "./lab-commands";
import { addGatewayCommands, addLiveCommands, addReplaceCommand } from "./live-commands";
import { addCompletion } from "./completion";

/** All commands, with their options; what they do is loaded when they run. */
export function buildProgram(): Command {
  const program = new Command("trunkline")
    .description(
      "An IKEv2/IPsec backbone across clouds: planned, proven on your machine, provisioned, verified.",
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText(
      "after",
      `
To begin, on this machine alone:
  trunkline init && trunkline plan
  trunkline up --lab && trunkline verify --lab

Exit codes: 0 done, 1 a proof or stack failed, 2 bad input, 3 busy, 4 the plan changes (--exit-code), 70 our fault, 130 interrupted.`,
    );
  program.commandsGroup("A fleet file:");
  addFleetCommands(program);
  program.commandsGroup("What is live, in the clouds or with --lab on this machine:");
  addLiveCommands(program);
  addGatewayCommands(program);
  addReplaceCommand(program);
  program.commandsGroup("More:");
  program.addHelpCommand(
    new Command("help").argument("[COMMAND]").description("help for a command").helpGroup("More:"),
  );
  addLabCommands(program);
  addCompletion(program);
  return program;
}

export const defaultFleetFile = "fleet.yaml";

/** Every command takes these three. */
export function common(command: Command): Command {
  return command
    .option("-f, --file <FILE>", "the fleet file", defaultFleetFile)
    .option("--json", "one JSON document on standard output")
    .exitOverride();
}

export interface CommonOptions {
  readonly file: string;
  readonly json?: boolean;
}

function version(): string {
  const manifest = z.object({ version: z.string() });
  for (const path of ["../../package.json", "../../packages/cli/package.json"]) {
    const parsed = manifest.safeParse(readJson(join(__dirname, path)));
    if (parsed.success) return parsed.data.version;
  }
  return "unknown";
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
