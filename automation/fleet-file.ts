import { readFileSync, statSync } from "node:fs";
import { planFleet } from "trunkline/fleet/derive";
import type { Fleet } from "trunkline/fleet/fleet";
import { decodeFleet, parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import type { Problem } from "trunkline/fleet/problem";
import { Failure, messageOf } from "./failure";

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
  return { fleet: parsed.value, plan: planned.value, warnings: [...parsed.warnings, ...planned.warnings] };
}

function readFleet(path: string): string {
  try {
    if (!statSync(path).isFile()) throw new Error("it is no file");
    return decodeFleet(readFileSync(path));
  } catch (error) {
    throw new Failure(
      "badInput",
      `${path} cannot be read: ${messageOf(error)}.`,
      "Name a fleet file with -f FILE; `trunkline init` writes one.",
    );
  }
}

function refused(path: string, problems: readonly Problem[]): Failure {
  const count = problems.filter(({ severity }) => severity === "error").length;
  return new Failure(
    "badInput",
    `${path} has ${String(count)} problem${count === 1 ? "" : "s"}.`,
    undefined,
    problems,
  );
}
