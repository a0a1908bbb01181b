import type { FleetInput } from "../schema";
import { defaults } from "../defaults";
import type { Report } from "../report";

/** Certificates' lives: a chain must outlive what it vouches for. */
export function checkTrust(trust: FleetInput["trust"], report: Report): void {
  if (trust === undefined) return;
  const { rootDays, intermediateDays, leafDays } = { ...defaults.trust, ...given(trust) };
  const range = (key: "rootDays" | "intermediateDays" | "leafDays", days: number, most: number): void => {
    if (days < 1 || days > most)
      report.error(
        "LifetimeImpossible",
        `trust.${key}`,
        `${String(days)} days is no life for a certificate.`,
        `Choose 1 to ${String(most)} days.`,
      );
  };
  range("rootDays", rootDays, 7300);
  range("intermediateDays", intermediateDays, 3650);
  // 398 days: CA/Browser Forum Baseline Requirements §6.3.2, the common upper bound of client software.
  range("leafDays", leafDays, 398);
  if (intermediateDays > rootDays)
    report.error(
      "LifetimeImpossible",
      "trust.intermediateDays",
      "The issuing certificate would outlive the root.",
      `Choose at most ${String(rootDays)} days.`,
    );
  if (leafDays > intermediateDays)
    report.error(
      "LifetimeImpossible",
      "trust.leafDays",
      "A leaf would outlive the certificate that issued it.",
      `Choose at most ${String(intermediateDays)} days.`,
    );
}

/** What is written, without keys that are there and undefined. */
function given(trust: NonNullable<FleetInput["trust"]>): {
  rootDays?: number;
  intermediateDays?: number;
  leafDays?: number;
} {
  return Object.fromEntries(
    Object.entries(trust).filter(([key, days]) => key.endsWith("Days") && days !== undefined),
  );
}
