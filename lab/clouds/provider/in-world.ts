import type { LabClient } from "../../client/client";
import type { ObjectKind, World, WorldObject } from "../../world/model";

export type ObjectOf<K extends ObjectKind> = Extract<WorldObject, { kind: K }>;

/** One user's part of a cloud, as one provider instance sees it: what it makes and changes in the lab's world. */
export class InWorld {
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #adopted = new Set<string>();

  /** @param notFound as the cloud says that an id does not exist */
  constructor(
    private readonly open: () => Promise<LabClient>,
    private readonly notFound: (kind: ObjectKind, id: string) => Error,
  ) {}

  lab(): Promise<LabClient> {
    return this.open();
  }

  async world(): Promise<World> {
    return (await this.open()).world();
  }

  async find<K extends ObjectKind>(kind: K, id: string): Promise<ObjectOf<K> | undefined> {
    return (await this.open()).get(kind, id);
  }

  /** @throws Refusal with the cloud's code for an id that does not exist */
  async get<K extends ObjectKind>(kind: K, id: string): Promise<ObjectOf<K>> {
    const found = await this.find(kind, id);
    if (found === undefined) throw this.notFound(kind, id);
    return found;
  }

  /**
   * Puts a new object. Its id may be there already: then an earlier run made it and was killed before the engine heard
   * of it, and it is taken over, as EC2 does for a repeated client token.
   */
  async make(object: WorldObject): Promise<void> {
    const lab = await this.open();
    if ((await lab.get(object.kind, object.id)) !== undefined) this.#adopted.add(object.id);
    await lab.put(object);
  }

  async unmake(kind: ObjectKind, id: string): Promise<void> {
    // A replacement with the same inputs has taken the object over in this very run: it stays.
    if (this.#adopted.delete(id)) return;
    await (await this.open()).remove(kind, id);
  }

  /** Reads, changes and puts one object; changes of one object wait for each other. */
  async change<K extends ObjectKind>(
    kind: K,
    id: string,
    step: (object: ObjectOf<K>) => ObjectOf<K>,
  ): Promise<void> {
    await this.inTurn(id, async () => {
      const object = await this.get(kind, id);
      await (await this.open()).put(step(object));
    });
  }

  /** As `change`, for what may be gone already. */
  async changeIfThere<K extends ObjectKind>(
    kind: K,
    id: string,
    step: (object: ObjectOf<K>) => ObjectOf<K>,
  ): Promise<void> {
    await this.inTurn(id, async () => {
      const object = await this.find(kind, id);
      if (object !== undefined) await (await this.open()).put(step(object));
    });
  }

  inTurn<T>(key: string, step: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(step);
    this.#turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
