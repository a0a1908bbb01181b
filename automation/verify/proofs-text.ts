import { type Proof, proofKinds } from "./proof";

/** Proofs for a person: a line per kind, then every one that did not pass, with its evidence. */
export function proofsText(proofs: readonly Proof[]): string {
  const lines = proofKinds.flatMap((kind) => {
    const own = proofs.filter((proof) => proof.kind === kind);
    if (own.length === 0) return [];
    const passed = own.filter(({ status }) => status === "pass").length;
    // Of a loss that is survived, too, what it cost is the point.
    const costs =
      kind !== "failover"
        ? []
        : own
            .filter(({ status }) => status === "pass")
            .map(({ subject, observed }) => `  ${subject}: ${observed}`);
    return [`${kind.padEnd(14)}${String(passed).padStart(4)} of ${String(own.length)} passed`, ...costs];
  });
  const others = proofs
    .filter(({ status }) => status !== "pass")
    .map(
      ({ id, status, expected, observed, evidence }) =>
        `${status.toUpperCase()}  ${id}\n  expected  ${expected}\n  observed  ${observed}\n  evidence  ${evidence}`,
    );
  const failed = proofs.filter(({ status }) => status === "fail").length;
  return [
    ...lines,
    ...others,
    `${String(proofs.length - failed)} of ${String(proofs.length)} proofs hold.`,
  ].join("\n");
}
