/**
 * One thing that the fabric's kernel holds: a namespace with its cable, a route, a rule set. The fabric is a set of
 * pieces that follows from the world; a change of the world takes away pieces and adds others, in one shell script.
 */
export interface Piece {
  /** Unique, and the same as long as it is the same thing. */
  readonly key: string;
  /** Made in this order, taken away in the opposite one. */
  readonly stage: Stage;
  readonly up: readonly Step[];
  readonly down: readonly Step[];
  /** `again`: a changed piece is made again over the old one, without a gap. Default: taken away first. */
  readonly onChange?: "again";
}

export type Stage = "network" | "cable" | "rule" | "route" | "service" | "watch";

export type Step =
  /** A line for `ip -batch`, in a namespace or in the kernel's first one. */
  | { readonly ip: string; readonly in?: string }
  /** A rule set for `nft -f`. */
  | { readonly nft: string; readonly in: string }
  | { readonly sh: string };

const order: readonly Stage[] = ["network", "cable", "rule", "route", "service", "watch"];

/** After a command that failed. */
export type OnFailure = "stop" | "go on";

/** The script that makes `after` out of `before`; empty when nothing changes. */
export function scriptBetween(
  before: readonly Piece[],
  after: readonly Piece[],
  onFailure: OnFailure = "stop",
): string {
  const old = new Map(before.map((piece) => [piece.key, piece]));
  const kept = new Map(after.map((piece) => [piece.key, piece]));
  const changed = (piece: Piece): boolean => {
    const other = old.get(piece.key);
    return other === undefined || JSON.stringify(other.up) !== JSON.stringify(piece.up);
  };
  const gone = before.filter((piece) => {
    const next = kept.get(piece.key);
    return next === undefined || (next.onChange !== "again" && changed(next));
  });
  const made = after.filter(changed);
  const steps = [
    ...byStage(gone)
      .reverse()
      .flatMap(({ down }) => down),
    ...byStage(made).flatMap(({ up }) => up),
  ];
  return scriptOf(steps, onFailure);
}

function byStage(pieces: readonly Piece[]): Piece[] {
  return [...pieces].sort((one, other) => order.indexOf(one.stage) - order.indexOf(other.stage));
}

/** One process per run of `ip` lines in one namespace: in a user-mode kernel a process costs 50 ms. */
export function scriptOf(steps: readonly Step[], onFailure: OnFailure = "stop"): string {
  const parts: string[] = [];
  let batch: { namespace: string | undefined; lines: string[] } | undefined;
  const flush = (): void => {
    if (batch === undefined) return;
    const where = batch.namespace === undefined ? "" : `-n ${batch.namespace} `;
    const force = onFailure === "stop" ? "" : "-force ";
    parts.push(`ip ${force}${where}-batch - <<'BATCH'\n${batch.lines.join("\n")}\nBATCH`);
    batch = undefined;
  };
  for (const step of steps) {
    if ("ip" in step) {
      if (batch === undefined || batch.namespace !== step.in) {
        flush();
        batch = { namespace: step.in, lines: [] };
      }
      batch.lines.push(step.ip);
      continue;
    }
    flush();
    if ("nft" in step) parts.push(`ip netns exec ${step.in} nft -f - <<'RULES'\n${step.nft}RULES`);
    else parts.push(step.sh);
  }
  flush();
  const first = onFailure === "stop" ? "set -e\n" : "";
  return parts.length === 0 ? "" : `${first}${parts.join("\n")}\n`;
}
