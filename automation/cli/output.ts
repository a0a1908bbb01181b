import { formatProblem } from "trunkline/fleet/problem";
import { exitCodes, Failure, messageOf } from "../failure";

/** Where a command speaks: results on standard output, everything for people on standard error. */
export interface Output {
  readonly json: boolean;
  /** The result: one JSON document, or text. */
  result(value: unknown, text: () => string): void;
  /** A line for a person who waits. */
  progress(line: string): void;
}

export function createOutput(json: boolean): Output {
  const started = performance.now();
  return {
    json,
    result: (value, text) => {
      const written = json ? `${JSON.stringify(value, undefined, 2)}\n` : `${text()}\n`;
      process.stdout.write(written);
    },
    progress: (line) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
      process.stderr.write(json ? `${line}\n` : `${seconds}s  ${line}\n`);
    },
  };
}

/** What went wrong, for a person or for a program, and the exit code that goes with it. */
export function reportFailure(error: unknown, json: boolean): number {
  if (!(error instanceof Failure)) {
    const known = knownFault(error);
    const message =
      error instanceof Error && known === undefined ? (error.stack ?? error.message) : messageOf(error);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ error: { kind: known ?? "ourFault", message: messageOf(error) } })}\n`,
      );
    process.stderr.write(
      known === undefined ? `This is a fault of Trunkline's own:\n${message}\n` : `${message}\n`,
    );
    return known === undefined ? exitCodes.ourFault : exitCodes.badInput;
  }
  const { kind, message, remedy, problems, details } = error;
  if (json) {
    const failure = {
      error: { kind, message, ...(remedy === undefined ? {} : { remedy }), problems, ...details },
    };
    process.stdout.write(`${JSON.stringify(failure, undefined, 2)}\n`);
  }
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  process.stderr.write(`${[message, remedy].filter((part) => part !== undefined).join("\n")}\n`);
  return error.exitCode;
}

/** Faults that other folders foresee under names of their own: one sentence each, nothing of ours to report. */
function knownFault(error: unknown): "setupMissing" | "lab" | "handover" | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "SetupMissing" || error.name === "SetupError") return "setupMissing";
  if (error.name === "LabError") return "lab";
  return error.name === "HandoverError" ? "handover" : undefined;
}
