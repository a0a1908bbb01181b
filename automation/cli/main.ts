import { buildProgram } from "./program";
import { reportFailure } from "./output";

/** The command `trunkline`. */
async function main(): Promise<number> {
  const program = buildProgram();
  try {
    await program.parseAsync();
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  } catch (error) {
    const json = process.argv.includes("--json");
    return usageError(error, json) ?? reportFailure(error, json);
  }
}

/** commander has said already what is wrong with the words, but to people only. */
function usageError(error: unknown, json: boolean): number | undefined {
  if (!(error instanceof Error) || error.name !== "CommanderError" || !("exitCode" in error))
    return undefined;
  if (error.exitCode === 0) return 0;
  const message = error.message.replace(/^error: /, "");
  if (json && message !== "(outputHelp)")
    process.stdout.write(
      `${JSON.stringify({ error: { kind: "badInput", message, problems: [] } }, undefined, 2)}\n`,
    );
  return 2;
}

// A reader that closes early (`| head`) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

void main().then((code) => {
  process.exitCode = code;
  // A daemon's socket or a killed child's pipe must not keep a finished command alive.
  process.stdout.write("", () => process.exit(code));
});
