import { Command } from "commander";
import { reportFailure } from "../cli/output";
import { runDemo } from "./demo";

interface DemoOptions {
  readonly fleet?: string;
  readonly out: string;
  readonly keep?: boolean;
  readonly environment?: boolean;
}

async function main(): Promise<number> {
  const command = new Command("trunkline-demo")
    .description("The main job, from a fleet file to a page of proofs, in the lab.")
    .option("--fleet <FILE>", "another fleet file")
    .option("--out <DIR>", "where demo.json and demo.html go", "report")
    .option("--keep", "leave the lab up")
    .option("--environment", "the root Pulumi.yaml through plain `pulumi up`, in place of a stack per layer")
    .addHelpText("after", "\nExits with 0 only if every proof passed; a skipped one did not.")
    .exitOverride();
  try {
    command.parse();
    return await runDemo(command.opts<DemoOptions>());
  } catch (error) {
    if (error instanceof Error && error.name === "CommanderError" && "exitCode" in error)
      return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, false);
  }
}

void main().then((code) => process.exit(code));
