import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabClient } from "../../lab/client/client";
import { down, up } from "../../lab/commands";
import type { WorldObject } from "../../lab/world/model";
import { east, west } from "../lab/two-networks";

/** A lab of its own in a folder of its own, with these objects; `end` leaves nothing of it. */
export async function labWith(
  objects: readonly WorldObject[],
): Promise<{ readonly lab: LabClient; readonly folder: string; end(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "fabric-"));
  const lab = await up({ folder });
  const end = async () => {
    lab.close();
    await down({ folder });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const machines = objects.filter(({ kind }) => kind === "machine");
    for (const object of objects) if (object.kind !== "machine") await lab.put(object);
    await Promise.all(machines.map((machine) => lab.put(machine)));
    return { lab, folder, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What a release would set on the machines of twoNetworks(): IPv6 addresses, and a way to each other and beyond. */
export async function giveIpv6(lab: LabClient): Promise<void> {
  const script = `device=$(ip -o route show default | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
ip addr replace "$1/64" dev "$device" nodad
ip -6 route replace default via "$2" dev "$device"`;
  for (const { gateway, gatewayAddress6, router6 } of [west, east]) {
    const { code, stderr } = await lab.exec(gateway, ["sh", "-euc", script, "sh", gatewayAddress6, router6]);
    if (code !== 0) throw new Error(`${gateway}: ${stderr}`);
  }
}

/**
 * Asks until the answer is good, and gives it.
 * @param standard seconds until it gives up, where a question does not say otherwise
 * @returns a function that throws Error with the last answer when it was never good
 */
export function asking(standard: number) {
  return async <T>(
    step: () => Promise<T>,
    good: (value: T) => boolean,
    seconds: number = standard,
  ): Promise<T> => {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const value = await step();
      if (good(value)) return value;
      if (Date.now() > deadline) throw new Error(`not within ${String(seconds)} s: ${JSON.stringify(value)}`);
    }
  };
}
