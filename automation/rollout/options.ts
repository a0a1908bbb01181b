import { z } from "zod";
import { gateSchema } from "./gate";

/** How a run goes, as it is kept with the run: a fleet file that changes meanwhile changes nothing of it. */
export const rolloutOptionsSchema = z.strictObject({
  /** A region's name, or the rule that chooses one; absent: none goes first. */
  canary: z.string().optional(),
  /** Steps at once. */
  parallel: z.int().min(1),
  /** Steps that may fail before nothing new starts. A canary that fails, or that cannot go because another failed, is never tolerated. */
  failuresTolerated: z.union([z.int().min(0), z.literal("any")]),
  /** Regions that a wave completes at most; absent: all that are left. */
  regionsPerWave: z.int().min(1).optional(),
  /** Before the first wave. */
  startGates: z.array(gateSchema),
  /** After each wave that completes regions, in this order. */
  gates: z.array(gateSchema),
});
export type RolloutOptions = z.infer<typeof rolloutOptionsSchema>;
