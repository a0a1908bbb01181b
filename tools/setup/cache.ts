import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The one folder outside the checkout that Trunkline writes to.
 * @see XDG Base Directory Specification: a relative XDG_CACHE_HOME is to be ignored
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment["XDG_CACHE_HOME"];
  const parent = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache");
  return join(parent, "trunkline");
}

/** Written last into an artifact's folder, before it gets its name: what it was made from, for people. */
export const noteFile = "made.json";
