import { defaults } from "../defaults";
import { readProposal } from "../proposal";
import type { Report } from "../report";
import type { FleetInput } from "../schema";

/** Proposals and lifetimes that both ends of every tunnel of ours would run with. */
export function checkCrypto(crypto: FleetInput["crypto"], report: Report): void {
  if (crypto === undefined) return;
  for (const protocol of ["ike", "esp"] as const) {
    const text = crypto[protocol];
    if (text === undefined) continue;
    for (const { code, message, remedy } of readProposal(protocol, text))
      report.error(code, `crypto.${protocol}`, message, remedy);
  }
  const range = (
    key: "ikeRekeySeconds" | "childRekeySeconds" | "dpdDelaySeconds",
    least: number,
    most: number,
  ): void => {
    const seconds = crypto[key];
    if (seconds !== undefined && (seconds < least || seconds > most))
      report.error(
        "LifetimeImpossible",
        `crypto.${key}`,
        `${String(seconds)} s is out of range.`,
        `Choose ${String(least)} to ${String(most)}.`,
      );
  };
  range("ikeRekeySeconds", 600, 86400);
  range("childRekeySeconds", 300, 28800);
  range("dpdDelaySeconds", 5, 300);
  const ike = crypto.ikeRekeySeconds ?? defaults.ikeSa.rekeySeconds;
  const child = crypto.childRekeySeconds ?? defaults.childSa.rekeySeconds;
  if (child > ike)
    report.error(
      "LifetimeImpossible",
      crypto.childRekeySeconds === undefined ? "crypto.ikeRekeySeconds" : "crypto.childRekeySeconds",
      `A child SA of ${String(child)} s would outlive its IKE SA of ${String(ike)} s.`,
      "Make the child's time the shorter one.",
    );
}
