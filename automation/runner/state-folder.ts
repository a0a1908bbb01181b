import { randomBytes } from "node:crypto";
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writingTo } from "../failure";
import { makeFolder } from "../../tools/setup/make-folder";
import { withoutSidecars } from "./sidecars";

/** Where one fleet's state at one site lies: 0700, ignored by git. Nothing else of Trunkline writes there. */
export interface StateFolder {
  readonly root: string;
  /** Where the engine keeps state: a file backend here, or what the user configured. */
  readonly backendUrl: string;
  /** Set for a file backend only. */
  readonly fileBackend?: string;
  /** Variables that the engine needs for backend and secrets; the passphrase itself is in a file of mode 0600. */
  readonly environment: Readonly<Record<string, string>>;
  /** The JSON that programs are run with. */
  readonly inputFile: string;
  /** Engine and SDK leave temporary files with secrets in them: they go here, and are wiped by the next run. */
  readonly temporary: string;
  /** One folder per stack: the engine keys its workspace by the path. */
  workDir(stack: string): string;
}

/**
 * Makes what is missing of the folder and leaves the rest as it is.
 * @throws Failure `badInput` where the system refuses the folder
 * @param environment the caller's: PULUMI_BACKEND_URL and the passphrase variables are honoured
 */
export function openStateFolder(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): StateFolder {
  const engineState = join(root, "engine");
  const temporary = join(root, "tmp");
  writingTo(root, "Run it from a folder that you may write to.", () => {
    for (const folder of [root, engineState, temporary]) makeFolder(folder, 0o700);
    const ignore = join(root, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  });

  const configured = environment["PULUMI_BACKEND_URL"];
  const backendUrl = configured ?? `${pathToFileURL(engineState).href}?${withoutSidecars}`;
  const fileBackend = backendUrl.startsWith("file://") ? fileBackendPath(backendUrl) : undefined;
  return {
    root,
    backendUrl,
    ...(fileBackend === undefined ? {} : { fileBackend }),
    environment: { PULUMI_BACKEND_URL: backendUrl, ...passphrase(root, environment), TMPDIR: temporary },
    inputFile: join(root, "input.json"),
    temporary,
    workDir: (stack) => {
      const folder = join(root, "stacks", stack);
      makeFolder(folder, 0o700);
      return folder;
    },
  };
}

/** After a run: what the engine left in its temporary folder may hold secrets. */
export function wipeTemporary(folder: StateFolder): void {
  rmSync(folder.temporary, { recursive: true, force: true });
  makeFolder(folder.temporary, 0o700);
}

function fileBackendPath(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}

function passphrase(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  for (const name of ["PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_CONFIG_PASSPHRASE"] as const) {
    const value = environment[name];
    if (value !== undefined) return { [name]: value };
  }
  const path = join(root, "passphrase");
  if (!existsSync(path)) {
    // Two that start together must end with one passphrase, and a crash must leave none or a whole one.
    const draft = `${path}.${String(process.pid)}`;
    writeFileSync(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch (thrown) {
      if (!existsSync(path)) throw thrown;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  return { PULUMI_CONFIG_PASSPHRASE_FILE: path };
}
