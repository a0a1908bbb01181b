import type { Offer, OfferedRole } from "./offer";
import { admits, type Policy, policies, wantOf } from "./policy";
import { byPreference, canonicalWord, transformOf } from "./transforms";

/** One transform for each role of both protocols: what both ends of a tunnel are configured with. */
export interface Suite {
  readonly ike: {
    readonly encryption: string;
    /** Where the encryption does not authenticate. */
    readonly integrity?: string;
    readonly prf: string;
    readonly group: string;
  };
  readonly esp: { readonly encryption: string; readonly integrity?: string; readonly group: string };
}

/** Why there is no suite: for each role that has none, what each end takes and what would mend it. */
export interface Refusal {
  readonly protocol: "ike" | "esp";
  readonly role: OfferedRole;
  readonly ends: readonly { readonly whose: string; readonly takes: readonly string[] }[];
  readonly message: string;
  readonly remedy: string;
}

export type Solution =
  | { readonly ok: true; readonly suite: Suite }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * The strongest suite that both ends take under a policy, or every reason why there is none. For each role the strongest word
 * that both have (`byPreference`); AEAD has no integrity beside it, and where an end has one field for both hashes they are
 * chosen together. Neither the order of the ends nor that of their words changes anything.
 */
export function solve(one: Offer, other: Offer, policy: Policy): Solution {
  const ends = [one, other].sort((left, right) => compare(left.whose, right.whose)) as [Offer, Offer];
  const ike = solveIke(ends, policy);
  const esp = solveEsp(ends, policy);
  if (Array.isArray(ike) || Array.isArray(esp))
    return { ok: false, refusals: [...(Array.isArray(ike) ? ike : []), ...(Array.isArray(esp) ? esp : [])] };
  return { ok: true, suite: { ike, esp } };
}

/** In strongSwan's words, one transform per role. */
export function proposalsOf({ ike, esp }: Suite): { readonly ike: string; readonly esp: string } {
  const text = (words: readonly (string | undefined)[]): string =>
    words.filter((word) => word !== undefined).join("-");
  return {
    ike: text([ike.encryption, ike.integrity, ike.prf, ike.group]),
    esp: text([esp.encryption, esp.integrity, esp.group]),
  };
}

type Ends = readonly [Offer, Offer];

function solveIke(ends: Ends, policy: Policy): Suite["ike"] | Refusal[] {
  const oneHash = ends.some((end) => end.oneHash === true);
  const takes = (role: OfferedRole): Taken =>
    ends.map(({ whose, ike }) => ({
      whose,
      takes:
        role === "integrity" && oneHash
          ? ike.integrity.filter((word) => ike.prf.includes(prfOf(word)))
          : ike[role],
    }));
  const common = (role: OfferedRole): string[] => commonWords(takes(role), role, policy);
  const [firstIntegrity] = common("integrity");
  const [encryption] = common("encryption").filter((word) => isAead(word) || firstIntegrity !== undefined);
  const integrity = encryption === undefined || isAead(encryption) ? undefined : firstIntegrity;
  const prf = integrity !== undefined && oneHash ? prfOf(integrity) : common("prf")[0];
  const [group] = common("group");
  if (encryption !== undefined && prf !== undefined && group !== undefined)
    return { encryption, ...(integrity === undefined ? {} : { integrity }), prf, group };
  return missing("ike", takes, { encryption, prf, group }, common("encryption").length > 0, policy);
}

function solveEsp(ends: Ends, policy: Policy): Suite["esp"] | Refusal[] {
  const takes = (role: OfferedRole): Taken =>
    ends.map(({ whose, esp }) => ({ whose, takes: role === "prf" ? [] : esp[role] }));
  const common = (role: OfferedRole): string[] => commonWords(takes(role), role, policy);
  const [firstIntegrity] = common("integrity");
  const [encryption] = common("encryption").filter((word) => isAead(word) || firstIntegrity !== undefined);
  const integrity = encryption === undefined || isAead(encryption) ? undefined : firstIntegrity;
  const [group] = common("group");
  if (encryption !== undefined && group !== undefined)
    return { encryption, ...(integrity === undefined ? {} : { integrity }), group };
  return missing("esp", takes, { encryption, group }, common("encryption").length > 0, policy);
}

type Taken = { readonly whose: string; readonly takes: readonly string[] }[];

/** What both have and the policy takes, the strongest first. */
function commonWords(ends: Taken, role: OfferedRole, policy: Policy): string[] {
  return shared(ends)
    .filter((word) => admits(policy, role, word))
    .sort((one, other) => byPreference(role, one, other));
}

function shared(ends: Taken): string[] {
  const [first = new Set<string>(), second = new Set<string>()] = ends.map(
    ({ takes }) => new Set(takes.map(canonicalWord)),
  );
  return [...first].filter((word) => second.has(word));
}

/** @param integrityLacks encryption that both have is there, and nothing to authenticate it */
function missing(
  protocol: "ike" | "esp",
  takes: (role: OfferedRole) => Taken,
  found: Readonly<Partial<Record<OfferedRole, string | undefined>>>,
  integrityLacks: boolean,
  policy: Policy,
): Refusal[] {
  return (Object.keys(found) as OfferedRole[])
    .filter((role) => found[role] === undefined)
    .map((role) => (role === "encryption" && integrityLacks ? "integrity" : role))
    .map((role) => refusal(protocol, role, takes(role), policy));
}

function refusal(protocol: "ike" | "esp", role: OfferedRole, ends: Taken, policy: Policy): Refusal {
  const takers = ends.map(({ whose, takes }) => `${whose} takes ${listed(role, takes)}`).join("; ");
  return {
    protocol,
    role,
    ends: ends.map(({ whose, takes }) => ({ whose, takes: sorted(role, takes) })),
    message: `No ${names[role]} of ${protocol.toUpperCase()} is common to both ends under policy ${policy} (${wantOf(policy, role)}): ${takers}.`,
    remedy: remedyOf(role, ends, policy),
  };
}

const names = {
  encryption: "encryption",
  integrity: "integrity",
  prf: "PRF",
  group: "group",
} as const satisfies Record<OfferedRole, string>;

/** Another policy that takes what both have; else what one end has and the policy takes; else what the policy takes at all. */
function remedyOf(role: OfferedRole, ends: Taken, policy: Policy): string {
  const both = shared(ends);
  const other = policies.find((each) => both.some((word) => admits(each, role, word)));
  const strong = (takes: readonly string[]): string[] =>
    sorted(role, takes).filter((word) => admits(policy, role, word));
  const mending = ends.flatMap(({ whose }, index) => {
    const [choice] = strong(ends[1 - index]?.takes ?? []);
    return choice === undefined ? [] : [`${choice} at ${whose}`];
  });
  const weak = sorted(role, both).flatMap((word) => {
    const why = transformOf(role, word)?.weak;
    return why === undefined ? [] : [`${word} is weak: ${why}.`];
  });
  const allow = mending.length > 0 ? `Allow ${mending.join(", or ")}.` : undefined;
  const change =
    other === undefined
      ? undefined
      : `Policy ${other} would take ${sorted(role, both).find((word) => admits(other, role, word)) ?? ""}.`;
  const none = `Choose for both ends what policy ${policy} takes: ${wantOf(policy, role)}.`;
  return [...weak, ...(allow === undefined && change === undefined ? [none] : [allow, change])]
    .filter((part) => part !== undefined)
    .join(" ");
}

function sorted(role: OfferedRole, words: readonly string[]): string[] {
  return [...new Set(words.map(canonicalWord))].sort((one, other) => byPreference(role, one, other));
}

function listed(role: OfferedRole, words: readonly string[]): string {
  return words.length === 0 ? "none" : sorted(role, words).join(", ");
}

function isAead(word: string): boolean {
  return transformOf("encryption", word)?.aead === true;
}

/** The PRF of the same hash: RFC 4868 has both for each. */
function prfOf(integrity: string): string {
  return `prf${integrity}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
