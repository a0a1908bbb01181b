import { LabError } from "../client/client";

/** Which machine has which cable of the pool. The fabric's end of cable 7 is the device `vec7`. */
export class Cables {
  readonly #owners = new Map<string, number>();

  constructor(private readonly count: number) {}

  /** The machine's cable, its own or the lowest free one. */
  take(machine: string): number {
    const own = this.#owners.get(machine);
    if (own !== undefined) return own;
    const used = new Set(this.#owners.values());
    for (let cable = 0; cable < this.count; cable += 1)
      if (!used.has(cable)) {
        this.#owners.set(machine, cable);
        return cable;
      }
    throw new LabError("LabFull", `the lab has ${this.count} cables, one per machine, and all are in use`);
  }

  release(machine: string): void {
    this.#owners.delete(machine);
  }

  devices(): ReadonlyMap<string, string> {
    return new Map([...this.#owners].map(([machine, cable]) => [machine, `vec${cable}`]));
  }
}
