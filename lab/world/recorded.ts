import { join } from "node:path";
import { LabError } from "../client/client";
import { RecordedMachine } from "../recorded/machine";
import { answerSsh } from "../recorded/sshd";
import type { Backend, Change } from "./backend";
import type { World } from "./model";
import { emptyWorld, objectOf, objectsOf } from "./world";

/** The world without kernels: the same model and checks, the gateways' own program in folders, and no packets. */
export function createRecorded(folder: string): Backend {
  let world: World = emptyWorld();
  const power = new Map<string, "on" | "off">();
  const machineAt = (id: string) => new RecordedMachine(join(folder, id));
  const powerOf = (id: string) => power.get(id) ?? objectOf(world, "machine", id)?.power;
  return {
    mode: "recorded",
    apply(change: Change) {
      for (const { kind, id } of change.touched) {
        if (kind !== "machine") continue;
        const machine = objectOf(change.after, "machine", id);
        if (machine === undefined) machineAt(id).remove();
        else machineAt(id).create(machine.userData);
      }
      world = change.after;
      return Promise.resolve();
    },
    exec(host, argv, { stdin = "", deadlineSeconds = 30 }) {
      if (host.kind !== "machine" || powerOf(host.id) !== "on")
        return without(`programs on ${host.kind} hosts`);
      return machineAt(host.id).shell(argv.map(quoted).join(" "), Buffer.from(stdin), deadlineSeconds);
    },
    ssh: (request) => answerSsh(request, world, (id) => (powerOf(id) === "on" ? machineAt(id) : undefined)),
    power(id, state) {
      power.set(id, state);
      return Promise.resolve();
    },
    machines: (current) =>
      Promise.resolve(
        objectsOf(current, "machine").map(({ id, name, power: asked }) => ({
          id,
          name,
          power: power.get(id) ?? asked,
        })),
      ),
    connect: () => without("network"),
    shell: () => without("shell"),
    fault: () => without("faults"),
    capture: () => without("packets"),
    lateness: () => Promise.resolve({}),
    close: () => Promise.resolve(),
  };
}

function without(what: string): Promise<never> {
  return Promise.reject(new LabError("Recorded", `a recorded lab has no ${what}`));
}

/** Plain words stay as they are, so that a command is recognised. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
