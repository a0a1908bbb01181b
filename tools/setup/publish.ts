import { existsSync, renameSync, rmSync } from "node:fs";

/**
 * Gives a finished work folder its name, in one step: whoever sees the name sees all of it. If another process was
 * quicker, its result stays and ours goes.
 *
 * @param work on the same file system as `folder`
 */
export function publish(work: string, folder: string): void {
  try {
    renameSync(work, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(work, { recursive: true, force: true });
  }
}
