import type { Policy } from "../crypto/policy";
import { defaults } from "../defaults";
import { linkId } from "../links";
import { nearest } from "../nearest";
import type { PartialFleet } from "../parse";
import { readProposal } from "../proposal";
import type { Report } from "../report";

/** Proposals and lifetimes that both ends of every tunnel of ours would run with. */
export function checkCrypto(fleet: PartialFleet, report: Report): void {
  const { crypto } = fleet;
  if (crypto === undefined) return;
  const policy = crypto.policy ?? defaults.policy;
  checkProposals({ ...crypto, policy }, "crypto", report);
  for (const [link, own] of Object.entries(crypto.links ?? {}))
    checkProposals({ ...own, policy: own.policy ?? policy }, `crypto.links.${link}`, report);
  checkLinks(fleet, report);
  checkLifetimes(crypto, report);
}

function checkProposals(
  {
    policy,
    ...named
  }: { readonly policy: Policy } & { readonly [key in "ike" | "esp"]?: string | undefined },
  at: string,
  report: Report,
): void {
  for (const protocol of ["ike", "esp"] as const) {
    const text = named[protocol];
    if (text === undefined) continue;
    for (const { code, message, remedy } of readProposal(protocol, text, policy))
      report.error(code, `${at}.${protocol}`, message, remedy);
  }
}

/** Each is one of the fleet's, and stands once. Which regions have a link is the topology's to say. */
function checkLinks({ crypto, regions = {} }: PartialFleet, report: Report): void {
  const seen = new Set<string>();
  const names = Object.keys(regions);
  for (const link of Object.keys(crypto?.links ?? {})) {
    const path = `crypto.links.${link}#`;
    const ends = link.split("~");
    const [stranger] = ends.filter((end) => !Object.hasOwn(regions, end));
    const [one, other] = ends;
    if (ends.length !== 2 || one === other)
      report.error(
        "LinkUnknown",
        path,
        `"${link.slice(0, 60)}" is no link.`,
        "Write the names of two regions with ~ between them: euw1~use1.",
      );
    else if (stranger !== undefined) {
      const meant = nearest(stranger, names);
      report.error(
        "LinkUnknown",
        path,
        `The fleet has no region "${stranger.slice(0, 60)}".`,
        meant === undefined
          ? `Regions of the fleet: ${names.join(", ").slice(0, 200)}.`
          : `Did you mean ${meant}?`,
      );
    } else if (seen.has(linkId(link)))
      report.error("LinkDuplicate", path, `The link ${linkId(link)} stands twice.`, "Remove one.");
    seen.add(linkId(link));
  }
}

function checkLifetimes(crypto: NonNullable<PartialFleet["crypto"]>, report: Report): void {
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
