import { LabError } from "../client/client";

/**
 * Which machine has which cable of the pool. The fabric's end of cable 7 is the device `vec7`. A cable serves one machine
 * and no other after it: a user-mode kernel that has closed its end of one cannot open it again.
 */
export class Cables {
  readonly #owners = new Map<string, number>();
  #next = 0;

  constructor(private readonly count: number) {}

  /** The machine's cable, its own or a new one. */
  take(machine: string): number {
    const own = this.#owners.get(machine);
    if (own !== undefined) return own;
    if (this.#next === this.count)
      throw new LabError(
        "LabFull",
        `the lab has ${this.count} cables, one for every machine that it ever had, and all are used; lab down and up again brings new ones`,
      );
    const cable = this.#next;
    this.#next += 1;
    this.#owners.set(machine, cable);
    return cable;
  }

  release(machine: string): void {
    this.#owners.delete(machine);
  }

  devices(): ReadonlyMap<string, string> {
    return new Map([...this.#owners].map(([machine, cable]) => [machine, `vec${cable}`]));
  }
}
