import type { z } from "zod";
import type { Report } from "./report";
import { laterGates } from "./rollout";

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with an entry of `rollout.gates`, a word or a mapping with `command`: said of the one of the two that was meant.
 * @returns what the schema found in a mapping, with paths in it; empty where all is said
 */
export function gateProblems(
  found: unknown,
  path: string,
  issue: Extract<Issue, { code: "invalid_union" }>,
  report: Report,
): readonly Issue[] {
  const later = laterGates.find((name) => found === name || (isMapping(found) && Object.hasOwn(found, name)));
  if (later !== undefined) {
    report.error(
      "NotYetSupported",
      path,
      `A gate of kind ${later} is planned, but this version does not build it.`,
      "Remove it, or ask by a command.",
    );
    return [];
  }
  if (isMapping(found)) return issue.errors.at(-1) ?? [];
  report.unfit(
    "WrongValue",
    path,
    "This is no gate.",
    "Write proofs, health, or { command: [PROGRAM, WORD, …] }.",
  );
  return [];
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
