import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../failure";
import { type ReleaseChange, releaseChanges } from "../rollout/state";

const noteSchema = z.strictObject({
  format: z.literal("trunkline.unproven/1"),
  /** By stack: what it brought to its gateways since they last ran a release that had passed its gates. */
  stacks: z.record(z.string(), releaseChanges),
});

/**
 * Stacks whose release no gate has passed yet, kept beside the engine's state: whatever ends a run, an interrupt or a loss of
 * power, the next one asks for what this one did not, though to the engine nothing has changed since.
 */
export class Unproven {
  readonly #file: string;
  readonly #stacks: Map<string, readonly ReleaseChange[]>;

  /** @throws Failure `badInput` for a note that is damaged: what is in it must not be forgotten silently */
  constructor(stateFolder: string) {
    this.#file = fileIn(stateFolder);
    this.#stacks = new Map(Object.entries(existsSync(this.#file) ? read(this.#file) : {}));
  }

  has(stack: string): boolean {
    return this.#stacks.has(stack);
  }

  /** Releases that an earlier run brought, and that no gate has passed. */
  released(stack: string): readonly ReleaseChange[] {
    return this.#stacks.get(stack) ?? [];
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
    for (const [stack, released] of this.#stacks)
      this.#stacks.set(
        stack,
        released.filter((one) => one.gateway !== gateway),
      );
    this.#write();
  }

  #write(): void {
    if (this.#stacks.size === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const note = { format: "trunkline.unproven/1", stacks: Object.fromEntries(this.#stacks) };
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

function read(file: string): Readonly<Record<string, readonly ReleaseChange[]>> {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, "utf8"))).stacks;
  } catch {
    throw new Failure(
      "badInput",
      `${file}, the note of releases that no gate has passed, is damaged.`,
      "Look with trunkline verify that all is well, then remove the file.",
    );
  }
}

/** This run's changes on top of an earlier one's: a gateway goes back to the release from before the first of both. */
export function together(
  earlier: readonly ReleaseChange[],
  now: readonly ReleaseChange[],
): readonly ReleaseChange[] {
  const first = new Map(earlier.map((one) => [one.gateway, one]));
  const later = now.map((one) => ({ ...one, from: (first.get(one.gateway) ?? one).from }));
  const known = new Set(later.map(({ gateway }) => gateway));
  return [...earlier.filter(({ gateway }) => !known.has(gateway)), ...later].filter(
    ({ from, to }) => from !== to,
  );
}
