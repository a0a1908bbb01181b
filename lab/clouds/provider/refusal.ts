import { LabError } from "../../client/client";

/** What the vendor, or its provider, would refuse. The message never holds a value that may be secret. */
export class Refusal extends Error {
  constructor(
    /** The vendor's own code where it has one. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

/** One sentence for the user, in the shape of the vendors' own: what was done, the code, why. */
export function explainFailure(doing: string, error: unknown): string {
  if (error instanceof Refusal || error instanceof LabError)
    return `${doing}: api error ${error.code}: ${error.message}`;
  return `${doing}: ${error instanceof Error ? error.message : String(error)}`;
}
