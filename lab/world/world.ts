import { LabError } from "../client/client";
import { checkObject } from "./check";
import { type ObjectKind, type World, type WorldObject, labInternet } from "./model";
import { referencesOf } from "./references";

export function emptyWorld(): World {
  return { format: "trunkline.world/1", objects: {} };
}

/** The world with one object made or changed. @throws LabError when a cloud would refuse it */
export function putObject(world: World, object: WorldObject): World {
  const before = world.objects[object.id];
  if (before !== undefined && before.kind !== object.kind)
    throw new LabError("WrongKind", `${object.id} is a ${before.kind}, not a ${object.kind}`);
  for (const { kind, id, as } of referencesOf(object)) {
    const found = world.objects[id];
    if (found?.kind !== kind) throw new LabError("NotFound", `${object.id}: its ${as} ${id} does not exist`);
  }
  checkObject(world, object, before);
  return { ...world, objects: { ...world.objects, [object.id]: object } };
}

/**
 * The world without one object; absent already: the same world.
 * @throws LabError "DependencyViolation" while something refers to it
 */
export function removeObject(world: World, kind: ObjectKind, id: string): World {
  const found = world.objects[id];
  if (found === undefined) return world;
  if (found.kind !== kind) throw new LabError("WrongKind", `${id} is a ${found.kind}, not a ${kind}`);
  const user = Object.values(world.objects).find(
    (other) => other.id !== id && referencesOf(other).some((reference) => reference.id === id),
  );
  if (user !== undefined)
    throw new LabError("DependencyViolation", `${id} is in use by the ${user.kind} ${user.id}`);
  const objects = { ...world.objects };
  Reflect.deleteProperty(objects, id);
  return { ...world, objects };
}

/** The lowest free address of the pool. @throws LabError "AddressLimitExceeded" when all are taken */
export function nextPublicAddress(world: World): string {
  const taken = new Set(
    Object.values(world.objects).flatMap((object) => {
      switch (object.kind) {
        case "publicAddress":
          return [object.address];
        case "vpnConnection":
          return object.tunnels.map(({ address }) => address);
        case "vpnGateway":
          return object.addresses;
        default:
          return [];
      }
    }),
  );
  const [base = ""] = labInternet.publicPool.split("/");
  const [first, second] = base.split(".");
  for (let index = 1; index < 65_535; index += 1) {
    const address = `${first ?? ""}.${second ?? ""}.${String(index >> 8)}.${String(index & 255)}`;
    if ((index & 255) !== 0 && (index & 255) !== 255 && !taken.has(address)) return address;
  }
  throw new LabError("AddressLimitExceeded", "the lab's pool of public addresses is used up");
}

/** Objects of one kind, in order of their ids. */
export function objectsOf<K extends ObjectKind>(world: World, kind: K): Extract<WorldObject, { kind: K }>[] {
  return Object.values(world.objects)
    .filter((object): object is Extract<WorldObject, { kind: K }> => object.kind === kind)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function objectOf<K extends ObjectKind>(
  world: World,
  kind: K,
  id: string,
): Extract<WorldObject, { kind: K }> | undefined {
  return objectsOf(world, kind).find((object) => object.id === id);
}
