import { z } from "zod";
import { releaseChanges } from "./state";

/** A step and which of its attempts: what an earlier one has to say comes too late. */
const step = { step: z.string().min(1), attempt: z.int().min(1) };
const by = z.string().min(1);
const gateway = z.string().min(1);
const because = z.string().min(1);
const evidence = z.array(z.string()).default([]);
/** A gate by its places and attempt: an answer to one is never taken for another's. */
const gate = { wave: z.int().min(0), gate: z.int().min(0), attempt: z.int().min(1) };

/** What has happened to a run: the past alone, so that the same events always give the same state. */
export const rolloutEvent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("step-started"), ...step }),
  z.strictObject({
    kind: z.literal("step-succeeded"),
    ...step,
    /** Whether anything is another than before. */
    changed: z.boolean(),
    /** Gateways that run another release now. */
    released: releaseChanges.default([]),
  }),
  z.strictObject({ kind: z.literal("step-failed"), ...step, because, released: releaseChanges.default([]) }),
  z.strictObject({ kind: z.literal("gate-started"), ...gate, at: z.iso.datetime() }),
  z.strictObject({ kind: z.literal("gate-passed"), ...gate, evidence }),
  z.strictObject({ kind: z.literal("gate-failed"), ...gate, because, evidence }),
  z.strictObject({ kind: z.literal("approved"), ...gate, by }),
  z.strictObject({ kind: z.literal("declined"), ...gate, by, because }),
  z.strictObject({ kind: z.literal("return-started"), gateway }),
  z.strictObject({ kind: z.literal("returned"), gateway }),
  z.strictObject({ kind: z.literal("return-failed"), gateway, because }),
  z.strictObject({ kind: z.literal("paused"), by }),
  z.strictObject({ kind: z.literal("resumed"), by }),
  z.strictObject({ kind: z.literal("cancel-asked"), by }),
  z.strictObject({ kind: z.literal("retry-asked"), by }),
]);
export type RolloutEvent = z.infer<typeof rolloutEvent>;
