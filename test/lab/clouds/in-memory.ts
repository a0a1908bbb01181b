import { LabError, type LabClient } from "../../../lab/client/client";
import type { Provider } from "../../../lab/clouds/provider/provider";
import { formatProblem, type ResourceType } from "../../../lab/clouds/provider/resource";
import type { Properties } from "../../../lab/clouds/provider/wire";
import type { World } from "../../../lab/world/model";
import { emptyWorld, nextPublicAddress, objectOf, putObject, removeObject } from "../../../lab/world/world";
import { callWith } from "./call";

/** A cloud's stand-in on a world in memory, without an engine or a lab: what the types do, and what they refuse. */
export class InMemory<C> {
  #world: World = emptyWorld();
  /** Addresses that were handed out. */
  #promised: World = emptyWorld();
  readonly #context: C;
  readonly #types: ReadonlyMap<string, ResourceType<C>>;
  readonly #made: { readonly type: string; readonly id: string; readonly state: Properties }[] = [];

  /** @param contextIn the user's part of the cloud, by a way to the lab */
  constructor(
    private readonly provider: Provider<C>,
    contextIn: (open: () => Promise<LabClient>) => C,
  ) {
    this.#context = contextIn(() => Promise.resolve(this.#client()));
    this.#types = new Map(provider.types.map((type) => [type.token.split(":").at(-1) ?? "", type]));
  }

  get world(): World {
    return this.#world;
  }

  /** Checks and creates, as the engine would. @throws Error with every problem */
  async make(type: string, name: string, inputs: Properties): Promise<Properties> {
    const found = this.#type(type);
    const problems = found.check(inputs, this.#context);
    if (problems.length > 0) throw new Error(problems.map(formatProblem).join("; "));
    const made = await found.create(inputs, callWith(this.#context, { name }));
    const state: Properties = { ...inputs, ...made.outputs, id: made.id };
    this.#made.push({ type, id: made.id, state });
    return state;
  }

  read(type: string, state: Properties): Promise<Properties | undefined> {
    return this.#type(type).read(String(state["id"]), state, callWith(this.#context));
  }

  async update(type: string, state: Properties, inputs: Properties): Promise<Properties> {
    const id = String(state["id"]);
    return {
      ...inputs,
      ...(await this.#type(type).update(id, inputs, state, callWith(this.#context))),
      id,
    };
  }

  async remove(type: string, state: Properties): Promise<void> {
    await this.#type(type).remove(String(state["id"]), state, callWith(this.#context));
    const index = this.#made.findIndex((one) => one.type === type && one.id === state["id"]);
    if (index >= 0) this.#made.splice(index, 1);
  }

  async call(name: string, args: Properties): Promise<Properties> {
    const found = this.provider.functions.find(({ token }) => token.endsWith(`:${name}`));
    if (found === undefined) throw new Error(`no function ${name}`);
    return found.invoke(args, this.#context);
  }

  /** The last made first. */
  async removeAll(): Promise<void> {
    for (const { type, state } of [...this.#made].reverse()) await this.remove(type, state);
  }

  #type(name: string): ResourceType<C> {
    const found = this.#types.get(name);
    if (found === undefined) throw new Error(`no type ${name}`);
    return found;
  }

  #client(): LabClient {
    const absent = () => Promise.reject(new LabError("NotHere", "a world in memory has no machines"));
    return {
      mode: "recorded",
      folder: "",
      put: (object) => {
        this.#world = putObject(this.#world, object);
        return Promise.resolve();
      },
      remove: (kind, id) => {
        this.#world = removeObject(this.#world, kind, id);
        return Promise.resolve();
      },
      get: (kind, id) => Promise.resolve(objectOf(this.#world, kind, id)),
      world: () => Promise.resolve(this.#world),
      allocateAddress: () => {
        // One that was handed out is nobody else's, though it may not be in the world yet.
        const address = nextPublicAddress(this.#promised);
        const id = `promised-${address}`;
        const promised = { kind: "publicAddress", id, name: id, address } as const;
        this.#promised = { ...this.#promised, objects: { ...this.#promised.objects, [id]: promised } };
        return Promise.resolve(address);
      },
      exec: absent,
      connect: absent,
      shell: absent,
      power: absent,
      fault: absent,
      capture: absent,
      lateness: absent,
      status: absent,
      down: absent,
      close: () => undefined,
    };
  }
}
