import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { Failure, messageOf } from "../failure";

/**
 * Writes `regions.REGION.epochs.LETTER.image` into a fleet file, whole or not at all; comments and order stay.
 * @throws Failure that says what to write by hand, when the file's form does not allow it
 */
export function writeImageEpoch(file: string, gateway: string, epoch: number): void {
  const dash = gateway.lastIndexOf("-");
  const path = ["regions", gateway.slice(0, dash), "epochs", gateway.slice(dash + 1), "image"];
  const draft = `${file}.draft`;
  try {
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(path, epoch);
    writeFileSync(draft, document.toString({ lineWidth: 0 }));
    renameSync(draft, file);
  } catch (error) {
    throw new Failure(
      "badInput",
      `${file} cannot be changed: ${messageOf(error)}.`,
      `Write ${path.join(".")}: ${String(epoch)} there, and run trunkline up.`,
    );
  }
}
