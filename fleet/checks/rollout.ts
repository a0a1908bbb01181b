import { nearest } from "../nearest";
import type { PartialFleet } from "../partial";
import type { Report } from "../report";
import { fewestLinks } from "../rollout";

/** A canary is a region of the fleet, and what is waited for between waves has waves, or gates, to stand between. */
export function checkRollout({ rollout, regions = {} }: PartialFleet, report: Report): void {
  if (rollout === undefined) return;
  const { canary, regionsPerWave, soakSeconds, gates = [] } = rollout;
  if (canary !== undefined && canary !== fewestLinks && !Object.hasOwn(regions, canary)) {
    const meant = nearest(canary, [...Object.keys(regions), fewestLinks]);
    report.error(
      "CanaryUnknown",
      "rollout.canary",
      `The fleet has no region "${canary.slice(0, 60)}".`,
      meant === undefined ? `Name a region of the fleet, or write ${fewestLinks}.` : `Did you mean ${meant}?`,
    );
  }
  if (soakSeconds !== undefined && canary === undefined && regionsPerWave === undefined && gates.length === 0)
    report.error(
      "SoakWithoutWaves",
      "rollout.soakSeconds",
      "There is one wave, and no other and no gate that it could be waited for.",
      "Write `canary`, `regionsPerWave` or `gates` beside it, or remove it.",
    );
  checkGates(gates, report);
}

function checkGates(gates: NonNullable<NonNullable<PartialFleet["rollout"]>["gates"]>, report: Report): void {
  for (const [index, gate] of gates.entries()) {
    const path = `rollout.gates[${String(index)}]`;
    // What does not fit the schema has left an empty text.
    const text = JSON.stringify(gate);
    if (text !== '""' && gates.findIndex((other) => JSON.stringify(other) === text) < index)
      report.error("GateTwice", path, "This gate stands above already.", "Remove one of the two.");
    const [word = "", ...others] = typeof gate === "object" ? gate.command : [];
    if (others.length === 0 && /\s/.test(word))
      report.error(
        "CommandLine",
        `${path}.command[0]`,
        "The command is one word with blanks in it, and a program's name seldom has any: no shell takes it apart.",
        `Write each word apart: [${word.trim().split(/\s+/).slice(0, 8).join(", ")}]; or [sh, -c, "…"] for a shell.`,
      );
  }
}
