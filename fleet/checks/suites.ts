import { type CryptoChoice, chooseProposals } from "../crypto/choose";
import type { Offer } from "../crypto/offer";
import { partyOf } from "../crypto/party";
import type { Fleet } from "../fleet";
import { linkedPairs } from "../links";
import type { Report } from "../report";

/** Both ends of every tunnel take one proposal that the policy takes; what a link says of itself is one the fleet has. */
export function checkSuites(fleet: Fleet, report: Report): void {
  const { crypto, regions } = fleet;
  const parties = new Map(regions.map((region) => [region.name, partyOf(region)]));
  const pairs = linkedPairs(fleet);
  const said = new Set<string>();
  const check = (choice: CryptoChoice, at: string, one: Offer, other: Offer): void => {
    const chosen = chooseProposals(choice, one, other);
    for (const { protocol, message, remedy } of chosen.ok ? [] : chosen.refusals) {
      const named = `${at}.${protocol}`;
      if (said.has(`${named} ${message}`)) continue;
      said.add(`${named} ${message}`);
      report.error("NoCommonProposal", report.has(named) ? named : `crypto.${protocol}`, message, remedy);
    }
  };
  for (const region of regions)
    if (region.gateway === "self") check(crypto.choice, "crypto", partyOf(region), partyOf(region));
  for (const { id, ends } of pairs) {
    const [one, other] = [parties.get(ends[0]), parties.get(ends[1])];
    const own = crypto.links.get(id);
    if (one !== undefined && other !== undefined)
      check(own ?? crypto.choice, own === undefined ? "crypto" : linkPath(id, report), one, other);
  }
  const known = new Set(pairs.map(({ id }) => id));
  for (const id of crypto.links.keys())
    if (!known.has(id))
      report.error(
        "LinkUnknown",
        `${linkPath(id, report)}#`,
        `The two regions of ${id} have no link with each other.`,
        "Name a link that `trunkline plan` shows, or remove this one.",
      );
}

/** Where a link stands, whichever of its ends is written first. */
export function linkPath(id: string, report: Report): string {
  const turned = id.split("~").reverse().join("~");
  return (
    [id, turned].map((written) => `crypto.links.${written}`).find((path) => report.has(path)) ?? "crypto"
  );
}
