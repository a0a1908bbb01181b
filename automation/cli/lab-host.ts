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
 * @param plan of the fleet whose gateways go by their ids; the lab works without any
 */
export async function labHost(
  word: string,
  plan: Plan | undefined,
  machines: () => Promise<readonly NamedMachine[]>,
): Promise<string> {
  for (const { name, gateways } of plan?.regions ?? [])
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

/** Of the file that commands take where none is named, if it is there and sound. */
export function planHere(): Plan | undefined {
  if (!existsSync(defaultFleetFile)) return undefined;
  try {
    return loadFleet(defaultFleetFile).plan;
  } catch (error) {
    // Half edited, perhaps: nobody has asked for it.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
