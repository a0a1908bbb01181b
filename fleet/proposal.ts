import { admitted, type Policy, wantOf, whyNot } from "./crypto/policy";
import { type Role, roleOf, transformOf, transformWords } from "./crypto/transforms";
import { nearest } from "./nearest";
import type { ProblemCode } from "./problem";

export interface ProposalProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
}

const strong = { ike: "aes256gcm16-prfsha384-ecp384", esp: "aes256gcm16-ecp384" } as const;

/** Everything that is wrong with one proposal; nothing when it is one transform per role that the policy takes. */
export function readProposal(protocol: "ike" | "esp", text: string, policy: Policy): ProposalProblem[] {
  const remedy = `Write one transform per role, such as ${strong[protocol]}.`;
  if (!/^[a-z0-9_]+(-[a-z0-9_]+)*$/.test(text))
    return [{ code: "ProposalInvalid", message: `"${text.slice(0, 60)}" is no proposal.`, remedy }];
  const problems: ProposalProblem[] = [];
  const found = new Map<Role, string[]>();
  for (const word of text.split("-")) {
    const role = roleOf(word);
    if (role === undefined) {
      const meant = nearest(word, transformWords());
      problems.push({
        code: "ProposalInvalid",
        message: `"${word.slice(0, 60)}" is no transform.`,
        remedy: meant === undefined ? remedy : `Did you mean ${meant}?`,
      });
      continue;
    }
    found.set(role, [...(found.get(role) ?? []), word]);
    problems.push(...weakness(role, word, policy));
  }
  for (const [role, words] of found)
    if (words.length > 1)
      problems.push({
        code: "ProposalInvalid",
        message: `${words.join(" and ")} are two transforms for one role (${role}).`,
        remedy: "Keep one: two let a peer choose the weaker, and some vendors then fail to rekey.",
      });
  const needed: readonly Role[] =
    protocol === "ike" ? ["encryption", "prf", "group"] : ["encryption", "group"];
  for (const role of needed)
    if (!found.has(role))
      problems.push({ code: "ProposalInvalid", message: `No transform for ${role}.`, remedy });
  if (protocol === "esp" && found.has("prf"))
    problems.push({ code: "ProposalInvalid", message: "ESP has no PRF.", remedy });
  const [encryption] = found.get("encryption") ?? [];
  if (encryption !== undefined && problems.length === 0) problems.push(...authentication(encryption, found));
  return problems;
}

/** The words of a proposal that has been read, by role. */
export function wordsOf(text: string): Partial<Record<Role, string>> {
  return Object.fromEntries(
    text.split("-").flatMap((word) => {
      const role = roleOf(word);
      return role === undefined ? [] : [[role, word]];
    }),
  );
}

function weakness(role: Role, word: string, policy: Policy): ProposalProblem[] {
  const why = whyNot(policy, word);
  if (why === undefined || role === "additional key exchange") return [];
  const choices = admitted(policy, role).slice(0, 3);
  const choice =
    choices.length === 0
      ? "Choose aes256gcm16 as encryption, which authenticates by itself"
      : `Choose ${choices.join(", ")}`;
  if (why === "weak") {
    const reason = transformOf(role, word)?.weak ?? "";
    return [{ code: "ProposalWeak", message: `${word} is weak: ${reason}.`, remedy: `${choice}.` }];
  }
  const compatible = policy === "standard" && whyNot("compatible", word) === undefined;
  return [
    {
      code: "ProposalPolicy",
      message: `Policy ${policy} takes ${wantOf(policy, role)} as ${role}, and not ${word} (${String(transformOf(role, word)?.bits ?? 0)} bits).`,
      remedy: compatible ? `${choice}, or write \`policy: compatible\`.` : `${choice}.`,
    },
  ];
}

/** AEAD authenticates by itself, and nothing else does. */
function authentication(encryption: string, found: ReadonlyMap<Role, readonly string[]>): ProposalProblem[] {
  const aead = transformOf("encryption", encryption)?.aead === true;
  const [integrity] = found.get("integrity") ?? [];
  if (!aead && integrity === undefined)
    return [
      {
        code: "ProposalWeak",
        message: "It encrypts without authentication.",
        remedy: `Add an integrity, such as sha384, or choose aes256gcm16 in place of ${encryption}.`,
      },
    ];
  if (aead && integrity !== undefined)
    return [
      {
        code: "ProposalInvalid",
        message: `${encryption} authenticates by itself, and ${integrity} stands beside it.`,
        remedy: `Remove ${integrity}.`,
      },
    ];
  return [];
}
