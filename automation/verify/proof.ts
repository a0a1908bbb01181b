import type { Family } from "trunkline/fleet/family";

/** One thing that should hold in the live system, with what was seen. */
export interface Proof {
  /** Unique and stable: `sa/euw1-a~use1-b`. */
  readonly id: string;
  readonly kind: ProofKind;
  /** Tunnel, gateway, or pair of regions. */
  readonly subject: string;
  readonly expected: string;
  /** Read from a daemon, a kernel or a packet; never from plan, release or state. */
  readonly observed: string;
  readonly status: "pass" | "fail" | "skip";
  /** Where `observed` comes from, and what it said. */
  readonly evidence: string;
  readonly seconds: number;
}

export type ProofKind =
  "sa" | "certificate" | "bgp" | "prefixes" | "reachability" | "path-mtu" | "cleartext" | "failover";

export const proofKinds: readonly ProofKind[] = [
  "sa",
  "certificate",
  "bgp",
  "prefixes",
  "reachability",
  "path-mtu",
  "cleartext",
  "failover",
];

/** A judgement without its duration, which the collector knows. */
export type Judgement = Omit<Proof, "seconds">;

/** All faults of one subject as one observation; none: it is as expected. */
export function judged(
  kind: ProofKind,
  subject: string,
  expected: string,
  observed: string,
  holds: boolean,
  evidence: string,
): Judgement {
  return {
    id: `${kind}/${subject}`,
    kind,
    subject,
    expected,
    observed,
    status: holds ? "pass" : "fail",
    evidence,
  };
}

/** What is added to what is said of a tunnel. */
export function overText(outside: Family): string {
  return outside === "ipv6" ? " over IPv6" : "";
}
