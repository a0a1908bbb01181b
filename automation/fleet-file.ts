import { readFileSync, statSync } from "node:fs";
import { planFleet } from "trunkline/fleet/derive";
import type { Fleet } from "trunkline/fleet/fleet";
import { decodeFleet, parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { byPlace, type Problem } from "trunkline/fleet/problem";
import { counted } from "./counted";
import { Failure, messageOf, systemWords } from "./failure";

export interface LoadedFleet {
  readonly fleet: Fleet;
  readonly plan: Plan;
  readonly warnings: readonly Problem[];
}

/**
 * Reads, checks and plans a fleet file.
 * @throws Failure `badInput` with every problem
 */
export function loadFleet(path: string): LoadedFleet {
  const parsed = parseFleet(readFleet(path), path);
  if (!parsed.ok) throw refused(path, parsed.problems);
  const planned = planFleet(parsed.value);
  if (!planned.ok) throw refused(path, planned.problems);
  return {
    fleet: parsed.value,
    plan: planned.value,
    warnings: byPlace([...parsed.warnings, ...planned.warnings]),
  };
}

function readFleet(path: string): string {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new Error(`it is ${found.isDirectory() ? "a folder" : "no regular file"}`);
    return decodeFleet(readFileSync(path));
  } catch (error) {
    throw new Failure(
      "badInput",
      `${path} cannot be read: ${error instanceof Error ? systemWords(error) : messageOf(error)}.`,
      "Name a fleet file with -f FILE; `trunkline init` writes one.",
    );
  }
}

function refused(path: string, problems: readonly Problem[]): Failure {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const beside = warnings === 0 ? "" : ` and ${counted(warnings, "warning")}`;
  return new Failure(
    "badInput",
    `${path} has ${counted(errors, "problem")}${beside}.`,
    undefined,
    byPlace(problems),
  );
}
