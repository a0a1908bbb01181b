/**
 * Kinds of a gateway's own key. RSA from 3072 bits: 128 bits of security (NIST SP 800-57 part 1, table 2), as P-256 has;
 * 2048 is what RFC 8247 section 4.1.1 still admits, and what certificates of today should not outlive.
 */
export const keyAlgorithms = ["ecdsa-p256", "rsa-3072", "rsa-4096"] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

export function keyAlgorithmNamed(word: string): KeyAlgorithm | undefined {
  return keyAlgorithms.find((name) => name === word);
}

/** Known by name, so that they are refused for what they are. */
export const weakKeyAlgorithms = ["rsa-2048", "rsa-1536", "rsa-1024", "rsa-768", "rsa-512"] as const;
