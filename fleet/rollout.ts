/** The rule that chooses a canary where no region is named; no region can be called so, for it has a hyphen. */
export const fewestLinks = "fewest-links";

/** What must be true after a wave, before the next one; in the words of a run's rules. */
export type FleetGate =
  | { readonly kind: "proofs" | "health" }
  | {
      readonly kind: "command";
      /** The program and what it is called with; no shell reads them. */
      readonly words: readonly string[];
      readonly timeoutSeconds: number;
    };

/** Gates that are designed and not built: known by name, so that they are refused as such. */
export const laterGates: readonly string[] = ["approval", "webhook"];

/** How a change reaches the fleet: which stacks go first, how many at once, and what is waited for. */
export interface FleetRollout {
  /** A region, or the rule that chooses one; absent: none goes first. */
  readonly canary?: string;
  /** Regions that one wave completes at most; absent: all that are left. */
  readonly regionsPerWave?: number;
  /** Stacks at once. */
  readonly parallel: number;
  /** Stacks that may fail before nothing new starts. */
  readonly failuresTolerated: number;
  /** How long nothing happens after a wave that changed something, before the next one; 0: it follows at once. */
  readonly soakSeconds: number;
  /** Asked in this order after each wave that completes regions, behind the soak. */
  readonly gates: readonly FleetGate[];
}
