import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { searchPath } from "./processes";
import { pulumiVersion } from "./recipes";

export const vendorHost = "https://get.pulumi.com";
const reachMs = 5000;

/**
 * The SDK of this repository speaks to this CLI version and later ones of the same major version.
 * @param text what `pulumi version` prints: `v3.259.0`
 */
export function isCompatible(text: string): boolean {
  const found = parseVersion(text);
  const wanted = parseVersion(pulumiVersion);
  if (found === undefined || wanted === undefined) return false;
  const [major, minor, patch] = found;
  return major === wanted[0] && (minor > wanted[1] || (minor === wanted[1] && patch >= wanted[2]));
}

function parseVersion(text: string): [number, number, number] | undefined {
  // A pre-release such as v3.260.0-alpha.1 is not taken: it may lack what the release has.
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** @returns the real path of a compatible CLI that this machine has */
export function findInstalled(): string | undefined {
  const folders = [...searchPath().split(":"), join(homedir(), ".pulumi/bin")];
  const candidates = [...new Set(folders.map((folder) => join(folder, "pulumi")))].filter(isNativeProgram);
  const found = candidates.find((program) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { stdout } = spawnSync(program, ["version"], { env, encoding: "utf8", timeout: reachMs });
    return isCompatible(stdout);
  });
  return found === undefined ? undefined : realpathSync(found);
}

/** npm's packages bring scripts of the same name, which download a CLI when called. */
function isNativeProgram(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const start = Buffer.alloc(4);
    return readSync(file, start) === 4 && start.toString("latin1") === "\x7fELF";
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

export async function vendorAnswers(signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(reachMs)]);
    return (await fetch(`${vendorHost}/latest-version`, { signal: limit })).ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
