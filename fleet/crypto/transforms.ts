/**
 * Transforms by role, in strongSwan's words ("IKEv2 Cipher Suites", strongSwan documentation), the preferred first where
 * two are equally strong. `bits` is classical strength: NIST SP 800-57 part 1 revision 5, table 2 (encryption, key exchange)
 * and table 3 (HMAC as integrity and PRF); between two of its rows the lower one counts. `weak`: refused by every policy,
 * and why. Requirement levels: RFC 8247 (IKEv2), RFC 8221 (ESP).
 */
const table = {
  encryption: {
    aes256gcm16: { bits: 256, aead: true },
    chacha20poly1305: { bits: 256, aead: true },
    aes192gcm16: { bits: 192, aead: true },
    aes128gcm16: { bits: 128, aead: true },
    aes256: { bits: 256 },
    aes192: { bits: 192 },
    aes128: { bits: 128 },
    aes256ctr: { bits: 256 },
    aes256gcm12: {
      bits: 256,
      aead: true,
      weak: "its ICV is shorter than the 16 octets that RFC 8247 and RFC 8221 ask for",
    },
    aes256gcm8: {
      bits: 256,
      aead: true,
      weak: "its ICV is shorter than the 16 octets that RFC 8247 and RFC 8221 ask for",
    },
    aes128gcm8: {
      bits: 128,
      aead: true,
      weak: "its ICV is shorter than the 16 octets that RFC 8247 and RFC 8221 ask for",
    },
    blowfish: { bits: 0, weak: "its blocks of 64 bits collide (RFC 8221)" },
    cast128: { bits: 0, weak: "its blocks of 64 bits collide (RFC 8221)" },
    "3des": { bits: 112, weak: "its blocks of 64 bits collide, and NIST has disallowed it (SP 800-131A)" },
    des: { bits: 56, weak: "its key of 56 bits is found in hours" },
    null: { bits: 0, weak: "it does not encrypt" },
  },
  integrity: {
    sha384: { bits: 256 },
    sha512: { bits: 256 },
    sha256: { bits: 256 },
    aesxcbc: { bits: 128, weak: "RFC 8247 keeps it for small devices alone" },
    sha1: { bits: 128, weak: "RFC 8247 is about to retire SHA-1" },
    sha: { bits: 128, weak: "RFC 8247 is about to retire SHA-1" },
    md5: { bits: 0, weak: "RFC 8247 forbids MD5" },
  },
  prf: {
    prfsha384: { bits: 256 },
    prfsha512: { bits: 256 },
    prfsha256: { bits: 256 },
    prfaesxcbc: { bits: 128, weak: "RFC 8247 keeps it for small devices alone" },
    prfsha1: { bits: 128, weak: "RFC 8247 is about to retire SHA-1" },
    prfmd5: { bits: 0, weak: "RFC 8247 forbids MD5" },
  },
  group: {
    ecp384: { bits: 192 },
    ecp521: { bits: 256 },
    modp8192: { bits: 192 },
    ecp256: { bits: 128 },
    curve25519: { bits: 128 },
    modp6144: { bits: 128 },
    modp4096: { bits: 128 },
    modp3072: { bits: 128 },
    modp2048: { bits: 112 },
    modp2048s256: { bits: 112, weak: "its small subgroups (RFC 8247: SHOULD NOT)" },
    modp2048s224: { bits: 112, weak: "its small subgroups (RFC 8247: SHOULD NOT)" },
    ecp224: { bits: 112, weak: "no RFC recommends it" },
    ecp192: { bits: 80, weak: "it has 80 bits of strength" },
    modp1536: { bits: 80, weak: "it has fewer than 112 bits of strength (RFC 8247: SHOULD NOT)" },
    modp1024s160: { bits: 80, weak: "it has 80 bits of strength, and small subgroups (RFC 8247: MUST NOT)" },
    modp1024: { bits: 80, weak: "it has 80 bits of strength (RFC 8247: SHOULD NOT)" },
    modp768: { bits: 0, weak: "it is broken (RFC 8247: MUST NOT)" },
  },
  /** Beside the first key exchange, never in its place (RFC 9370); which systems know one: system.ts. */
  "additional key exchange": {
    ke1_mlkem1024: { bits: 256 },
    ke1_mlkem768: { bits: 192 },
    ke1_mlkem512: { bits: 128 },
  },
} as const satisfies Record<string, Record<string, Transform>>;

export interface Transform {
  readonly bits: number;
  /** Encrypts and authenticates: no integrity stands beside it (RFC 5282, RFC 4106, RFC 7634). */
  readonly aead?: boolean;
  /** Why nobody should choose it: the rest of "…: ". */
  readonly weak?: string;
}

export type Role = keyof typeof table;
export type TransformOf<R extends Role> = keyof (typeof table)[R] & string;

export const roles = [
  "encryption",
  "integrity",
  "prf",
  "group",
  "additional key exchange",
] as const satisfies readonly Role[];

/** Two words of strongSwan's for one transform. */
const aliases: Readonly<Record<string, string>> = { x25519: "curve25519" };

/** The one word for a transform that may have two. */
export function canonicalWord(word: string): string {
  return aliases[word] ?? word;
}

/** Every word there is, aliases included, of one role or of all. */
export function transformWords(role?: Role): string[] {
  const of = role === undefined ? roles : [role];
  return [
    ...of.flatMap((each) => Object.keys(table[each])),
    ...(role === undefined ? Object.keys(aliases) : []),
  ];
}

export function roleOf(word: string): Role | undefined {
  return roles.find((role) => Object.hasOwn(table[role], canonicalWord(word)));
}

export function transformOf(role: Role, word: string): Transform | undefined {
  const words: Readonly<Record<string, Transform>> = table[role];
  const canonical = canonicalWord(word);
  return Object.hasOwn(words, canonical) ? words[canonical] : undefined;
}

/** Beyond this no transform counts as stronger: the level of P-384, which every vendor has; P-521 costs more and not all have it. */
export const enoughBits = 192;

/** Of two words of one role: negative when the first is to be preferred. */
export function byPreference(role: Role, one: string, other: string): number {
  const words = Object.keys(table[role]);
  const strength = (word: string): number => Math.min(transformOf(role, word)?.bits ?? 0, enoughBits);
  return (
    strength(other) - strength(one) || words.indexOf(canonicalWord(one)) - words.indexOf(canonicalWord(other))
  );
}
