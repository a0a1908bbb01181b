import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A folder that the user named, and what is missing above it. One by one: Node's own recursive way never ends where a
 * file system answers ENOENT below a folder that is there, as /proc does.
 */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(path)) throw error;
  }
}
