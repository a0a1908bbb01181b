import { nearest } from "../nearest";
import type { PartialFleet } from "../partial";
import type { Report } from "../report";
import { fewestLinks } from "../rollout";

/** A canary is a region of the fleet, and what is waited for between waves has waves to stand between. */
export function checkRollout({ rollout, regions = {} }: PartialFleet, report: Report): void {
  if (rollout === undefined) return;
  const { canary, regionsPerWave, soakSeconds } = rollout;
  if (canary !== undefined && canary !== fewestLinks && !Object.hasOwn(regions, canary)) {
    const meant = nearest(canary, [...Object.keys(regions), fewestLinks]);
    report.error(
      "CanaryUnknown",
      "rollout.canary",
      `The fleet has no region "${canary.slice(0, 60)}".`,
      meant === undefined ? `Name a region of the fleet, or write ${fewestLinks}.` : `Did you mean ${meant}?`,
    );
  }
  if (soakSeconds !== undefined && canary === undefined && regionsPerWave === undefined)
    report.error(
      "SoakWithoutWaves",
      "rollout.soakSeconds",
      "There is one wave, and no other that it could be waited for.",
      "Write `canary` or `regionsPerWave` beside it, or remove it.",
    );
}
