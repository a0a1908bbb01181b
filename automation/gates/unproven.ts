import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../failure";
import { type ReleaseChange, releaseChanges } from "../rollout/state";

const noteSchema = z.strictObject({
  format: z.literal("trunkline.unproven/1"),
  /** By stack: what it brought to its gateways since they last ran a release that had passed its gates. */
  stacks: z.record(z.string(), releaseChanges),
  /** What was true before the first of them. */
  standing: z.strictObject({
    /** Ids of proofs that held. */
    proofs: z.array(z.string()),
    /** By gateway: tunnels that were up. */
    tunnels: z.record(z.string(), z.array(z.string())),
  }),
});
export type Standing = z.infer<typeof noteSchema>["standing"];
const nothing: Standing = { proofs: [], tunnels: {} };

/**
 * Stacks whose release no gate has passed yet, kept beside the engine's state: whatever ends a run, an interrupt or a loss of
 * power, the next one asks for what this one did not, though to the engine nothing has changed since.
 */
export class Unproven {
  readonly #file: string;
  readonly #stacks: Map<string, readonly ReleaseChange[]>;
  #standing: Standing;

  /** @throws Failure `badInput` for a note that is damaged: what is in it must not be forgotten silently */
  constructor(stateFolder: string) {
    this.#file = fileIn(stateFolder);
    const { stacks, standing } = existsSync(this.#file)
      ? read(this.#file)
      : { stacks: {}, standing: nothing };
    this.#stacks = new Map(Object.entries(stacks));
    this.#standing = standing;
  }

  /** What was true before releases came that no gate has passed: with these in place, it says nothing what is true. */
  get standing(): Standing {
    return this.#standing;
  }

  has(stack: string): boolean {
    return this.#stacks.has(stack);
  }

  /** Releases that an earlier run brought, and that no gate has passed. */
  released(stack: string): readonly ReleaseChange[] {
    return this.#stacks.get(stack) ?? [];
  }

  /** @param standing what is true now, before the stack is touched */
  begin(stack: string, standing: Standing): void {
    if (this.#stacks.size === 0) this.#standing = standing;
    this.set(stack, []);
  }

  set(stack: string, released: readonly ReleaseChange[]): void {
    this.#stacks.set(stack, released);
    this.#write();
  }

  forget(stacks: readonly string[]): void {
    for (const stack of stacks) this.#stacks.delete(stack);
    this.#write();
  }

  /** It runs a release again that had passed. */
  returned(gateway: string): void {
    for (const [stack, released] of this.#stacks) {
      const rest = released.filter((one) => one.gateway !== gateway);
      if (rest.length === 0 && released.length > 0) this.#stacks.delete(stack);
      else this.#stacks.set(stack, rest);
    }
    this.#write();
  }

  #write(): void {
    if (this.#stacks.size === 0) {
      this.#standing = nothing;
      rmSync(this.#file, { force: true });
      return;
    }
    const note = {
      format: "trunkline.unproven/1",
      stacks: Object.fromEntries(this.#stacks),
      standing: this.#standing,
    };
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

/** Of a fleet that is gone nothing is left to prove. */
export function forgetUnproven(stateFolder: string): void {
  rmSync(fileIn(stateFolder), { force: true });
}

function fileIn(stateFolder: string): string {
  return join(stateFolder, "unproven.json");
}

function read(file: string): Pick<z.infer<typeof noteSchema>, "stacks" | "standing"> {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new Failure(
      "badInput",
      `${file}, the note of releases that no gate has passed, is damaged.`,
      "Look with trunkline verify that all is well, then remove the file.",
    );
  }
}
