import { nearest } from "./nearest";
import type { ProblemCode } from "./problem";

/**
 * Proposals in strongSwan's words ("IKEv2 Cipher Suites", strongSwan documentation), one transform per role.
 * Requirement levels: RFC 8247 (IKEv2), RFC 8221 (ESP).
 */
const roles = {
  encryption: {
    aes256gcm16: "accepted",
    aes128gcm16: "accepted",
    chacha20poly1305: "accepted",
    aes256gcm8: "weak",
    aes256gcm12: "weak",
    aes128gcm8: "weak",
    aes256: "unauthenticated",
    aes192: "unauthenticated",
    aes128: "unauthenticated",
    aes256ctr: "unauthenticated",
    "3des": "weak",
    des: "weak",
    blowfish: "weak",
    cast128: "weak",
    null: "weak",
  },
  integrity: {
    sha512: "accepted",
    sha384: "accepted",
    sha256: "accepted",
    sha1: "weak",
    sha: "weak",
    md5: "weak",
    aesxcbc: "weak",
  },
  prf: {
    prfsha512: "accepted",
    prfsha384: "accepted",
    prfsha256: "accepted",
    prfsha1: "weak",
    prfmd5: "weak",
  },
  group: {
    ecp384: "accepted",
    ecp521: "accepted",
    ecp256: "accepted",
    curve25519: "accepted",
    x25519: "accepted",
    modp4096: "accepted",
    modp3072: "accepted",
    modp2048: "weak",
    modp1536: "weak",
    modp1024: "weak",
    modp768: "weak",
    ecp224: "weak",
    ecp192: "weak",
  },
  /** Beside the first key exchange, never in its place (RFC 9370); which systems know one: system.ts. */
  "additional key exchange": {
    ke1_mlkem512: "accepted",
    ke1_mlkem768: "accepted",
    ke1_mlkem1024: "accepted",
  },
} as const satisfies Record<string, Record<string, "accepted" | "weak" | "unauthenticated">>;

type Role = keyof typeof roles;

export interface ProposalProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
}

const strong = { ike: "aes256gcm16-prfsha384-ecp384", esp: "aes256gcm16-ecp384" } as const;

/** Everything that is wrong with one proposal; nothing when it is one strong transform per role. */
export function readProposal(protocol: "ike" | "esp", text: string): ProposalProblem[] {
  const remedy = `Write one transform per role, such as ${strong[protocol]}.`;
  if (!/^[a-z0-9_]+(-[a-z0-9_]+)*$/.test(text))
    return [{ code: "ProposalInvalid", message: `"${text.slice(0, 60)}" is no proposal.`, remedy }];
  const problems: ProposalProblem[] = [];
  const found = new Map<Role, string[]>();
  let authenticated = false;
  for (const word of text.split("-")) {
    const role = roleOf(word);
    if (role === undefined) {
      const meant = nearest(word, Object.values(roles).flatMap(Object.keys));
      problems.push({
        code: "ProposalInvalid",
        message: `"${word.slice(0, 60)}" is no transform.`,
        remedy: meant === undefined ? remedy : `Did you mean ${meant}?`,
      });
      continue;
    }
    found.set(role, [...(found.get(role) ?? []), word]);
    const strength = strengthOf(role, word);
    if (strength === "weak") problems.push({ code: "ProposalWeak", message: `${word} is weak.`, remedy });
    if (role === "encryption" && strength === "accepted") authenticated = true;
    if (role === "integrity") authenticated = true;
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
  if (found.has("encryption") && !authenticated && problems.length === 0)
    problems.push({ code: "ProposalWeak", message: "It encrypts without authentication.", remedy });
  return problems;
}

function roleOf(word: string): Role | undefined {
  return (["encryption", "integrity", "prf", "group", "additional key exchange"] as const).find((role) =>
    Object.hasOwn(roles[role], word),
  );
}

function strengthOf(role: Role, word: string): string {
  const words: Readonly<Record<string, string>> = roles[role];
  return words[word] ?? "weak";
}
