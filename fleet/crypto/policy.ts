import type { OfferedRole } from "./offer";
import { byPreference, roleOf, transformOf, transformWords } from "./transforms";

/** How strong a suite has to be at least, or which alone will do. */
export const policies = ["standard", "cnsa", "compatible"] as const;
export type Policy = (typeof policies)[number];

type Rule =
  /** Every role has at least so many bits of classical strength. */
  { readonly leastBits: number } | { readonly only: { readonly [role in OfferedRole]: readonly string[] } };

/**
 * - `standard`: 128 bits, which NIST SP 800-57 part 1 revision 5, table 4, takes for 2031 and later.
 * - `compatible`: 112 bits, which the same table takes until the end of 2030: for an end that has no stronger group.
 * - `cnsa`: of RFC 9206, CNSA 1.0 for IPsec, what is AEAD: AES-256-GCM, SHA-384 or SHA-512, P-384 or MODP of 3072 bits or
 *   more. CNSA 2.0 has another key exchange, ML-KEM-1024, beside or in place of it: `postQuantum: mlkem`.
 */
const rules: Readonly<Record<Policy, Rule>> = {
  standard: { leastBits: 128 },
  compatible: { leastBits: 112 },
  cnsa: {
    only: {
      encryption: ["aes256gcm16"],
      integrity: [],
      prf: ["prfsha384", "prfsha512"],
      group: ["ecp384", "modp4096", "modp3072"],
    },
  },
};

/** Whether a policy takes a word of a role; one that is weak no policy does. */
export function admits(policy: Policy, role: OfferedRole, word: string): boolean {
  const transform = transformOf(role, word);
  if (transform === undefined || transform.weak !== undefined) return false;
  const rule = rules[policy];
  return "only" in rule ? rule.only[role].includes(word) : transform.bits >= rule.leastBits;
}

/** What a policy takes, the preferred first. */
export function admitted(policy: Policy, role: OfferedRole): string[] {
  return transformWords(role)
    .filter((word) => admits(policy, role, word))
    .sort((one, other) => byPreference(role, one, other));
}

/** Of a word: refused as weak by name, refused by this policy, or nothing. */
export function whyNot(policy: Policy, word: string): "weak" | "policy" | undefined {
  const role = roleOf(word);
  if (role === undefined) return undefined;
  if (transformOf(role, word)?.weak !== undefined) return "weak";
  // Any of RFC 9370 is on top of what the policy asks for.
  if (role === "additional key exchange") return undefined;
  return admits(policy, role, word) ? undefined : "policy";
}

/** In half a sentence: what a policy wants of a role. */
export function wantOf(policy: Policy, role: OfferedRole): string {
  const rule = rules[policy];
  if (!("only" in rule)) return `at least ${String(rule.leastBits)} bits`;
  return rule.only[role].length === 0 ? "none beside AEAD" : rule.only[role].join(" or ");
}
