import { LabError } from "../client/client";
import type { World, WorldObject } from "./model";

/** @throws LabError "NotFound" */
export function found<K extends WorldObject["kind"]>(
  world: World,
  kind: K,
  id: string,
): Extract<WorldObject, { kind: K }> {
  const object = Object.values(world.objects).find(
    (candidate): candidate is Extract<WorldObject, { kind: K }> =>
      candidate.kind === kind && candidate.id === id,
  );
  if (object === undefined) throw new LabError("NotFound", `there is no ${kind} ${id}`);
  return object;
}

/** @param code EC2's, where it has one */
export function refuse(code: string, message: string): never {
  throw new LabError(code, message);
}
