import type { Offer, OfferedRole } from "trunkline/fleet/crypto/offer";
import { admits, type Policy } from "trunkline/fleet/crypto/policy";
import { transformOf } from "trunkline/fleet/crypto/transforms";

/**
 * A naive model of the solver: every combination of words that both ends have, judged one by one. What it shares with the
 * solver is the table of transforms and what a policy takes, not how a choice is made.
 */
export function everySuite(
  protocol: "ike" | "esp",
  one: Offer,
  other: Offer,
  policy: Policy,
): readonly (readonly string[])[] {
  const roles: readonly OfferedRole[] =
    protocol === "ike" ? ["encryption", "integrity", "prf", "group"] : ["encryption", "integrity", "group"];
  const wordsOf = (end: Offer, role: OfferedRole): readonly string[] =>
    protocol === "ike" ? end.ike[role] : role === "prf" ? [] : end.esp[role];
  const choices = roles.map((role) => [
    ...(role === "integrity" ? [""] : []),
    ...wordsOf(one, role).filter((word) => wordsOf(other, role).includes(word) && admits(policy, role, word)),
  ]);
  return combinations(choices).filter((suite) => {
    const [encryption = "", integrity = ""] = suite;
    const aead = transformOf("encryption", encryption)?.aead === true;
    if (aead !== (integrity === "")) return false;
    const oneHash = protocol === "ike" && (one.oneHash === true || other.oneHash === true);
    return integrity === "" || !oneHash || suite[2] === `prf${integrity}`;
  });
}

function combinations(choices: readonly (readonly string[])[]): string[][] {
  return choices.reduce<string[][]>(
    (sofar, words) => sofar.flatMap((before) => words.map((word) => [...before, word])),
    [[]],
  );
}
