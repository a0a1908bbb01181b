import { existsSync } from "node:fs";
import type { Plan } from "trunkline/fleet/plan";
import { Failure } from "../failure";
import { loadFleet } from "../fleet-file";
import { defaultFleetFile } from "./program";

/** What `lab status` says of a machine. */
export interface NamedMachine {
  readonly id: string;
  readonly name: string;
}

/**
 * The word for a host that the lab knows: of a gateway of the fleet, its machine's id; any other word as it is.
 * @param file as the user named it; without a name a sound one that is there is taken, and the lab works without any
 * @throws Failure `badInput` when the file that was named is no sound fleet file
 */
export async function labHost(
  word: string,
  file: string | undefined,
  machines: () => Promise<readonly NamedMachine[]>,
): Promise<string> {
  for (const { name, gateways } of regionsOf(file))
    for (const { id, letter } of gateways) {
      if (id !== word) continue;
      const ending = `${name}-pair-${letter}`;
      const found = (await machines()).filter(
        (machine) => machine.name === ending || machine.name.endsWith(`-${ending}`),
      );
      const [only, ...others] = found;
      // Of several, or of none, the lab itself says so.
      if (only !== undefined && others.length === 0) return only.id;
    }
  return word;
}

function regionsOf(file: string | undefined): Plan["regions"] {
  if (file !== undefined) return loadFleet(file).plan.regions;
  if (!existsSync(defaultFleetFile)) return [];
  try {
    return loadFleet(defaultFleetFile).plan.regions;
  } catch (error) {
    // Half edited, perhaps: nobody has asked for it.
    if (error instanceof Failure) return [];
    throw error;
  }
}
