import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { type Fault, LabError } from "../client/client";
import type { Backend, Change, Host } from "../world/backend";
import type { ObjectKind, World, WorldObject } from "../world/model";
import { emptyWorld, nextPublicAddress, putObject, removeObject } from "../world/world";

const savedSchema = z.object({
  format: z.literal("trunkline.world/1"),
  objects: z.record(
    z.string(),
    z.custom<WorldObject>((value) => typeof value === "object" && value !== null),
  ),
});

interface Put {
  readonly object: WorldObject;
  entered(change: Change): void;
  refused(error: unknown): void;
}

/**
 * The world of a running lab: checks each change, makes it real, keeps it in a file. Changes happen one after the other,
 * puts that wait for the same turn together: a step of the fabric costs about the same for one as for twenty. What takes
 * long (a machine's boot) happens beside them, through `Backend.settle`.
 */
export class Lab {
  #world: World = emptyWorld();
  #turn: Promise<unknown> = Promise.resolve();
  /** Those of the last turn, while it has not begun. */
  #waiting: Put[] | undefined;
  readonly #promised = new Map<string, number>();

  constructor(
    private readonly backend: Backend,
    private readonly file: string,
  ) {}

  get world(): World {
    return this.#world;
  }

  /** Makes a world real that an earlier daemon left behind. */
  async restore(): Promise<void> {
    if (!existsSync(this.file)) return;
    const saved = savedSchema.parse(JSON.parse(readFileSync(this.file, "utf8")));
    const touched = Object.values(saved.objects).map(({ kind, id }) => ({ kind, id }));
    await this.#enter({ before: emptyWorld(), after: saved, touched });
  }

  async put(object: WorldObject): Promise<void> {
    const change = await new Promise<Change>((entered, refused) => {
      this.#wait({ object, entered, refused });
    });
    await this.#settle(change, object);
  }

  /** Reads, changes and puts one object, with no other change in between. @throws LabError "NotFound" */
  change(id: string, step: (object: WorldObject, world: World) => WorldObject): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#world;
      const object = before.objects[id];
      if (object === undefined) throw new LabError("NotFound", `there is no ${id}`);
      const after = putObject(before, step(object, before));
      await this.#apply({ before, after, touched: [{ kind: object.kind, id }] });
    });
  }

  remove(kind: ObjectKind, id: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#world;
      const after = removeObject(before, kind, id);
      if (after === before) return;
      const change: Change = { before, after, touched: [{ kind, id }] };
      await this.#apply(change);
      await this.backend.settle?.(change);
    });
  }

  async power(id: string, state: "on" | "off"): Promise<void> {
    const machine = this.#world.objects[id];
    if (machine?.kind !== "machine") throw new LabError("NoSuchHost", `the lab has no machine "${id}"`);
    await this.backend.power(id, state);
    await this.noticePower(id, state);
  }

  /** One after the other, so that two who ask at once do not build on each other's half. */
  fault(fault: Fault, host: Host | undefined): Promise<void> {
    return this.#inTurn(() => this.backend.fault(fault, host, this.#world));
  }

  /** The machine's power has changed by itself (`poweroff` inside it) or by `power`: the world says what is. */
  noticePower(id: string, state: "on" | "off"): Promise<void> {
    return this.#inTurn(async () => {
      const machine = this.#world.objects[id];
      if (machine?.kind !== "machine" || machine.power === state) return;
      const objects = { ...this.#world.objects, [id]: { ...machine, power: state } };
      this.#save({ ...this.#world, objects });
    });
  }

  /** Addresses that were handed out but are not in the world yet are not handed out again for ten minutes. */
  allocateAddress(): string {
    const now = Date.now();
    for (const [address, until] of this.#promised) if (until < now) this.#promised.delete(address);
    const taken = [...this.#promised.keys()];
    const address = nextPublicAddress(taken.reduce(withPromised, this.#world));
    this.#promised.set(address, now + 600_000);
    return address;
  }

  #wait(put: Put): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(put);
      return;
    }
    const puts = [put];
    void this.#inTurn(async () => {
      if (this.#waiting === puts) this.#waiting = undefined;
      await this.#putAll(puts);
    });
    this.#waiting = puts;
  }

  async #putAll(puts: readonly Put[]): Promise<void> {
    const before = this.#world;
    let after = before;
    const checked = puts.filter(({ object, refused }) => {
      try {
        after = putObject(after, object);
        return true;
      } catch (error) {
        refused(error);
        return false;
      }
    });
    const touched = checked.map(({ object: { kind, id } }) => ({ kind, id }));
    if (touched.length === 0) return;
    try {
      await this.#apply({ before, after, touched });
    } catch (error) {
      // Whose fault it is shows when each comes alone.
      if (checked.length === 1) checked[0]?.refused(error);
      else for (const put of checked) await this.#putAll([put]);
      return;
    }
    for (const [index, { entered }] of checked.entries())
      entered({ before, after, touched: touched.slice(index, index + 1) });
  }

  async #enter(change: Change): Promise<void> {
    await this.#inTurn(() => this.#apply(change));
    await this.backend.settle?.(change);
  }

  async #apply(change: Change): Promise<void> {
    await this.backend.apply(change);
    this.#save(change.after);
  }

  /** A machine that does not boot is taken out again: the caller hears of a failure, the world holds no half thing. */
  async #settle(change: Change, object: WorldObject): Promise<void> {
    try {
      await this.backend.settle?.(change);
    } catch (error) {
      if (change.before.objects[object.id] === undefined) await this.remove(object.kind, object.id);
      throw error;
    }
  }

  #save(world: World): void {
    this.#world = world;
    const next = `${this.file}.next`;
    writeFileSync(next, JSON.stringify(world, undefined, 1), { mode: 0o600 });
    renameSync(next, this.file);
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.#waiting = undefined;
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function withPromised(world: World, address: string): World {
  const id = `promised-${address}`;
  return { ...world, objects: { ...world.objects, [id]: { kind: "publicAddress", id, name: id, address } } };
}
