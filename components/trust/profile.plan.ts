/**
 * What each kind of certificate says of itself (RFC 5280, RFC 4945). The words of `allowedUses` are those of
 * HashiCorp's tls provider, which covers key usage and extended key usage with one list.
 */
export interface CertificateProfile {
  readonly allowedUses: readonly string[];
  readonly validityPeriodHours: number;
  /** Present for an authority: how many intermediates may follow it. */
  readonly maxPathLength?: number;
}

export type CertificateKind = "root" | "intermediate" | "leaf";

/**
 * - root and intermediate: `keyCertSign` and `cRLSign`, critical basic constraints with path lengths 1 and 0 (RFC
 *   5280 §4.2.1.3, §4.2.1.9), subject key identifiers, from which issued certificates take their authority's (§4.2.1.1).
 * - leaf: `digitalSignature`, and no extended key usage: RFC 4945 §5.1.3.12 says that authorities SHOULD NOT put one
 *   into certificates for IKE. strongSwan asks none of a gateway; Windows clients, which ask for `serverAuth`
 *   (strongSwan, "Windows Certificate Requirements"), do not connect to these identities.
 */
export function planProfile(kind: CertificateKind, days: number): CertificateProfile {
  const validityPeriodHours = days * 24;
  switch (kind) {
    case "root":
      return { allowedUses: ["cert_signing", "crl_signing"], validityPeriodHours, maxPathLength: 1 };
    case "intermediate":
      return { allowedUses: ["cert_signing", "crl_signing"], validityPeriodHours, maxPathLength: 0 };
    case "leaf":
      return { allowedUses: ["digital_signature"], validityPeriodHours };
  }
}

/** Why the lifetimes do not fit into each other; empty if they do. Days. */
export function checkLifetimes(days: { readonly root: number; readonly intermediate: number }): string[] {
  const whole = Object.entries(days).filter(([, value]) => !Number.isInteger(value) || value < 1);
  if (whole.length > 0)
    return whole.map(
      ([name, value]) => `${name}Days: ${value} is no lifetime. Write a whole number of days, 1 or more.`,
    );
  return days.intermediate <= days.root
    ? []
    : [
        `intermediateDays: ${days.intermediate} days outlive the root's ${days.root}. Choose at most the root's lifetime.`,
      ];
}
