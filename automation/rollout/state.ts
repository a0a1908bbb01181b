import { z } from "zod";
import { gateSchema } from "./gate";
import { rolloutOptionsSchema } from "./options";

/** Raised when a state of before cannot be read as it is. */
export const rolloutFormat = "trunkline.rollout/1";

const who = z.string().min(1);

const releaseChange = z.strictObject({
  gateway: z.string(),
  /** Hash of the release that ran before; null: the gateway had none, and there is nothing to return to. */
  from: z.string().nullable(),
  to: z.string(),
});
export type ReleaseChange = z.infer<typeof releaseChange>;
export const releaseChanges = z.array(releaseChange);

const step = z.strictObject({
  /** The stack's name. */
  name: z.string().min(1),
  region: z.string().optional(),
  /** Steps of this run that must have succeeded before. */
  needs: z.array(z.string()),
  /** `returned`: it had succeeded, and its gateways went back to the release before. */
  status: z.enum(["waiting", "running", "succeeded", "failed", "returned"]),
  /** How often it was started. */
  attempts: z.int().min(0),
  /** Whether it changed anything, in any attempt. */
  changed: z.boolean(),
  /** What it brought to its gateways since they last ran a release that had passed its gates. */
  released: releaseChanges,
  because: z.string().optional(),
});
export type Step = z.infer<typeof step>;

const gateState = z.strictObject({
  gate: gateSchema,
  status: z.enum(["pending", "running", "passed", "failed"]),
  /** From 1, and one more whenever its wave is done anew: an answer to an earlier one is none to this. */
  attempt: z.int().min(1),
  /** When it was started, as its starter's clock said: a soak goes on from there. */
  startedAt: z.iso.datetime().optional(),
  /** Who approved or declined. */
  by: who.optional(),
  because: z.string().optional(),
  evidence: z.array(z.string()),
});
export type GateState = z.infer<typeof gateState>;

const wave = z.strictObject({
  kind: z.enum(["start", "canary", "preparation", "regions", "rest"]),
  steps: z.array(z.string()),
  completes: z.array(z.string()),
  gates: z.array(gateState),
});
export type Wave = z.infer<typeof wave>;

const gatewayReturn = z.strictObject({
  gateway: z.string(),
  region: z.string().optional(),
  /** Hash of the release that it goes back to. */
  to: z.string(),
  status: z.enum(["waiting", "running", "returned", "failed"]),
  because: z.string().optional(),
});
export type GatewayReturn = z.infer<typeof gatewayReturn>;

/** One run as a plain value: all that its rules know of it, to be kept as JSON. */
export const rolloutSchema = z.strictObject({
  format: z.literal(rolloutFormat),
  fleet: z.string().min(1),
  operation: z.enum(["up", "destroy"]),
  /** Whoever asked for it, first and again: none of them is "another". */
  askedBy: z.array(who).min(1),
  options: rolloutOptionsSchema,
  /** In an order in which each stands behind all that it needs. */
  steps: z.array(step),
  waves: z.array(wave),
  paused: z.strictObject({ by: who }).optional(),
  cancelled: z.strictObject({ by: who }).optional(),
  /** Since a gate failed: the wave's gateways go back. */
  returns: z.strictObject({ wave: z.int().min(0), gateways: z.array(gatewayReturn) }).optional(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

export function formatRollout(rollout: Rollout): string {
  return JSON.stringify(rollout);
}

export type ParsedRollout =
  | { readonly ok: true; readonly value: Rollout }
  | { readonly ok: false; readonly because: string; readonly remedy: string };

/** A state that was kept. What this version does not know whole is refused: a run is not continued by half of its rules. */
export function parseRollout(text: string): ParsedRollout {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("The state of the run is no JSON.", "Restore it from a backup, or begin the run anew.");
  }
  const { success, data } = z.looseObject({ format: z.string() }).safeParse(value);
  if (success && data.format !== rolloutFormat)
    return refused(
      `The state of the run is ${data.format.slice(0, 60)}, and this version reads ${rolloutFormat}.`,
      "Use the version that began the run, or cancel it there and begin it anew.",
    );
  const read = rolloutSchema.safeParse(value);
  const faults = read.success
    ? contradictions(read.data)
    : read.error.issues.map(({ path, code }) => `${path.join(".")} (${code})`);
  const [first] = faults;
  // Values never enter the message.
  if (first !== undefined)
    return refused(
      `The state of the run is damaged: ${faults.slice(0, 5).join(", ")}.`,
      "Restore it from a backup, or begin the run anew.",
    );
  return read.success
    ? { ok: true, value: read.data }
    : refused("The state of the run is damaged.", "Begin it anew.");
}

function refused(because: string, remedy: string): ParsedRollout {
  return { ok: false, because, remedy };
}

/** What every value of the type must keep and its schema cannot say. */
function contradictions({ steps, waves, returns }: Rollout): string[] {
  const before = new Set<string>();
  const faults: string[] = [];
  for (const { name, needs } of steps) {
    if (before.has(name)) faults.push(`the step ${name} stands twice`);
    for (const need of needs) if (!before.has(need)) faults.push(`the step ${name} stands before ${need}`);
    before.add(name);
  }
  const inWaves = waves.flatMap((one) => one.steps);
  if (
    inWaves.length !== steps.length ||
    new Set(inWaves).size !== before.size ||
    !inWaves.every((name) => before.has(name))
  )
    faults.push("not every step stands in one wave");
  const waveOf = new Map(waves.flatMap((one, index) => one.steps.map((name) => [name, index] as const)));
  for (const { name, needs } of steps)
    for (const need of needs)
      if ((waveOf.get(need) ?? 0) > (waveOf.get(name) ?? 0))
        faults.push(`the wave of ${need} comes too late`);
  if (returns !== undefined && waves[returns.wave] === undefined) faults.push("gateways of no wave return");
  return faults;
}
