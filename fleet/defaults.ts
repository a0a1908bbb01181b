/** What holds when a fleet file does not say otherwise. */
export const defaults = {
  /** A pair: one may be lost, or drained, while the other carries on. */
  gateways: 2,
  ha: "active-active",
  /** It follows the gateways by BGP, and holds no right that a machine could lose. */
  routes: "service",
  /** A MED ends at the neighbour that it is told to, and an AS path does not: others' choices stay their own. */
  preference: "med",
  /** What every path and every peer has. */
  outside: "ipv4",
  /** Both gateways' tunnels are up, so that a loss costs no new IKE. */
  address: "own",
  system: "debian-13",
  /**
   * Clouds carry 1460 or more to the internet (`mtu` of each one's limits), but paths on the way may not: this leaves room for
   * one more encapsulation, and inner packets have 1390, over IPv6 1370.
   */
  outerMtu: 1452,
  /** FRR's own, and what AWS' Route Server has: a loss is noticed within 0.9 s. */
  bfdMilliseconds: 300,
  /** RFC 8247 section 4.2: ecdsa-with-sha256; small, so that IKE_AUTH needs few fragments. */
  keyAlgorithm: "ecdsa-p256",
  /** 128 bits of strength and more, which NIST takes beyond 2030: fleet/crypto/policy.ts. */
  policy: "standard",
  postQuantum: "off",
  ikeSa: { rekeySeconds: 14400, dpdDelaySeconds: 10 },
  childSa: { rekeySeconds: 3600 },
  /** What fails in one region would fail in the next: nothing new starts, and what runs ends. */
  rollout: { parallel: 4, failuresTolerated: 0, soakSeconds: 0, gateSeconds: 60 },
  trust: { rootDays: 3650, intermediateDays: 1825, leafDays: 90 },
} as const;
