import { z } from "zod";

/**
 * What must be true before the next wave. Whoever acts on decisions knows how each kind is asked; the rules know the order alone.
 */
export const gateSchema = z.discriminatedUnion("kind", [
  /** The proofs of `verify` that are about settled regions. */
  z.strictObject({ kind: z.literal("proofs") }),
  /** Daemons accept the release, SSH answers on a new connection, no tunnel that was up has fallen. */
  z.strictObject({ kind: z.literal("health") }),
  /** Nothing happens for as long, and then what stands behind it judges. */
  z.strictObject({ kind: z.literal("soak"), seconds: z.int().min(1) }),
  /** A person says so; `by: another`: none of those who asked for the run. */
  z.strictObject({ kind: z.literal("approval"), by: z.enum(["anyone", "another"]) }),
  /** The user's own program: 0 passes. A list of words, never a line for a shell. */
  z.strictObject({
    kind: z.literal("command"),
    words: z.array(z.string().min(1)).min(1),
    timeoutSeconds: z.int().min(1),
  }),
  /** The user's own service: 2xx passes. */
  z.strictObject({
    kind: z.literal("webhook"),
    url: z.url({ protocol: /^https$/ }),
    timeoutSeconds: z.int().min(1),
  }),
]);
export type Gate = z.infer<typeof gateSchema>;

/** Whether a gate looks at what a wave has done. Time and a person's word do not, so that neither is asked for a wave without one. */
export function judges({ kind }: Gate): boolean {
  switch (kind) {
    case "proofs":
    case "health":
    case "command":
    case "webhook":
      return true;
    case "soak":
    case "approval":
      return false;
  }
}

/** In a few words, for a person. */
export function gateText(gate: Gate): string {
  switch (gate.kind) {
    case "soak":
      return `${String(gate.seconds)} s`;
    case "command":
      return `command ${gate.words.join(" ").slice(0, 60)}`;
    case "proofs":
    case "health":
    case "approval":
    case "webhook":
      return gate.kind;
  }
}

/**
 * After the last wave there is no next one to wait for: an approval does not stand there, and a soak only before a gate that
 * judges.
 */
export function lastGates(gates: readonly Gate[]): Gate[] {
  const judged = gates.findLastIndex(judges);
  return gates.slice(0, judged + 1).filter(({ kind }) => kind !== "approval");
}

/** What has been destroyed cannot be proven. */
export function gatesOfDestroy(gates: readonly Gate[]): Gate[] {
  return gates.filter(({ kind }) => kind !== "proofs" && kind !== "health");
}
