import { LabError, type LabClient } from "../../../../lab/client/client";
import { Subscription } from "../../../../lab/clouds/azure-native/context";
import { azureProvider } from "../../../../lab/clouds/azure-native/provider";
import { formatProblem, type ResourceType } from "../../../../lab/clouds/provider/resource";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import type { World } from "../../../../lab/world/model";
import {
  emptyWorld,
  nextPublicAddress,
  objectOf,
  putObject,
  removeObject,
} from "../../../../lab/world/world";
import { callWith } from "../call";

/** The stand-in on a world in memory, without an engine or a lab: what the types do, and what they refuse. */
export class InMemory {
  #world: World = emptyWorld();
  readonly #subscription = new Subscription("00000000-0000-0000-0000-000000000000", undefined, () =>
    Promise.resolve(this.#client()),
  );
  readonly #provider = azureProvider("0.0.0", undefined);
  readonly #types = new Map(this.#provider.types.map((type) => [type.token.split(":").at(-1) ?? "", type]));
  readonly #made: { readonly type: string; readonly id: string; readonly state: Properties }[] = [];

  get world(): World {
    return this.#world;
  }

  /** Checks and creates, as the engine would. @throws Error with every problem */
  async make(type: string, name: string, inputs: Properties): Promise<Properties> {
    const found = this.#type(type);
    const problems = found.check(inputs, this.#subscription);
    if (problems.length > 0) throw new Error(problems.map(formatProblem).join("; "));
    const made = await found.create(inputs, callWith(this.#subscription, { name }));
    const state: Properties = { ...inputs, ...made.outputs, id: made.id };
    this.#made.push({ type, id: made.id, state });
    return state;
  }

  read(type: string, state: Properties): Promise<Properties | undefined> {
    return this.#type(type).read(String(state["id"]), state, callWith(this.#subscription));
  }

  async update(type: string, state: Properties, inputs: Properties): Promise<Properties> {
    const id = String(state["id"]);
    return {
      ...inputs,
      ...(await this.#type(type).update(id, inputs, state, callWith(this.#subscription))),
      id,
    };
  }

  async remove(type: string, state: Properties): Promise<void> {
    await this.#type(type).remove(String(state["id"]), state, callWith(this.#subscription));
    const index = this.#made.findIndex((one) => one.type === type && one.id === state["id"]);
    if (index >= 0) this.#made.splice(index, 1);
  }

  async call(name: string, args: Properties): Promise<Properties> {
    const found = this.#provider.functions.find(({ token }) => token.endsWith(`:${name}`));
    if (found === undefined) throw new Error(`no function ${name}`);
    return found.invoke(args, this.#subscription);
  }

  /** The last made first. */
  async removeAll(): Promise<void> {
    for (const { type, state } of [...this.#made].reverse()) await this.remove(type, state);
  }

  #type(name: string): ResourceType<Subscription> {
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
      allocateAddress: () => Promise.resolve(nextPublicAddress(this.#world)),
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
