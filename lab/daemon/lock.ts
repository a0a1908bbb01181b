import { DatabaseSync } from "node:sqlite";
import { LabError } from "../client/client";

/**
 * Holds the lab's folder for as long as this process lives: the kernel drops the lock with it, however it ends. Node
 * has no flock; SQLite's exclusive lock on a database file is one.
 * @throws LabError "LabBusy" when another process holds it
 */
export function lockFolder(path: string): { release(): void } {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && error.message.includes("locked"))
      throw new LabError("LabBusy", `another process holds the lab (${path})`);
    throw error;
  }
  return { release: () => database.close() };
}
