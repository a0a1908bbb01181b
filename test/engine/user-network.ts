import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { RunEvent } from "../../automation/runner/runner";
import type { Plan } from "../../fleet/plan";
import type { WorldObject } from "../../lab/world/model";
import { runner, Session } from "./compiled";
import type { Engine } from "./engine";

export type Objects = Readonly<Record<string, WorldObject>>;
/** By the names of the user's outputs. */
export type Ids = Readonly<Record<string, string>>;

/** A network that somebody has made by a program of their own, in a state of their own, with a workload in it. */
export interface UserNetwork {
  readonly ids: Ids;
  /** The world with it and nothing of ours. */
  readonly objects: Objects;
}

/** @param workload hostname of the one that lives at the interface `workload` of the outputs */
export async function userNetwork(
  engine: Engine,
  program: PulumiFn,
  workload: string,
  interfaceOf: (id: string) => string = (id) => id,
): Promise<UserNetwork> {
  const stack = await engine.stack("shop.network", program);
  const { outputs } = await stack.up();
  const ids = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, String(value)]));
  await engine.lab.put({
    kind: "workload",
    id: "i-shop",
    name: workload,
    interface: interfaceOf(ids["workload"] ?? ""),
  });
  return { ids, objects: (await engine.lab.world()).objects };
}

/** As `trunkline up` and `destroy --protected` do. */
export async function runFleet(
  { environment, pulumiRoot, folder }: Engine,
  plan: Plan,
  operation: "up" | "destroy",
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  const session = Session.open(
    plan,
    { kind: "cloud", environment, stateFolder: join(folder, "fleet"), pulumiRoot },
    operation,
    [],
    runner,
  );
  const never = new AbortController().signal;
  try {
    await session.run(operation, {
      stop: never,
      stopNow: never,
      protectedResources: "included",
      onEvent: (event) => events.push(event),
    });
  } finally {
    session.release();
  }
  return events;
}

/** A line an object, in an order of their own. */
export function worldText(objects: Objects): string[] {
  return Object.entries(objects)
    .map(([id, object]) => `${id} ${JSON.stringify(object)}`)
    .sort();
}
