import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabClient } from "../../lab/client/client";
import { down, up } from "../../lab/commands";
import type { WorldObject } from "../../lab/world/model";

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
