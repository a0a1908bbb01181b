import { defaults as standard } from "../defaults";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** Who stands by for whom: an active-standby region has somebody who does, and `preference` belongs to one. */
export function checkHa({ regions = {}, defaults }: PartialFleet, report: Report): void {
  const modeOf = (ha: string | undefined): string => ha ?? defaults?.ha ?? standard.ha;
  for (const [name, { ha, preference, gateways = defaults?.gateways }] of Object.entries(regions)) {
    const standby = modeOf(ha) === "active-standby";
    if (standby && gateways === 1)
      report.warning(
        "NoStandby",
        `regions.${name}.${ha === undefined ? "gateways" : "ha"}`,
        `${name} is active-standby and has one gateway: there is none that stands by.`,
        "Leave `gateways` out for a pair, or remove `ha`.",
      );
    if (preference !== undefined && !standby) misplaced(`regions.${name}.preference`, report);
  }
  if (
    defaults?.preference !== undefined &&
    !Object.values(regions).some(({ ha }) => modeOf(ha) === "active-standby")
  )
    misplaced("defaults.preference", report);
}

function misplaced(path: string, report: Report): void {
  report.error(
    "KeyConflict",
    path,
    "`preference` belongs to `ha: active-standby`: gateways that all carry traffic are equal.",
    "Write `ha: active-standby`, or remove `preference`.",
  );
}
