import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import type { MemoryFolder } from "./checks";
import { chooseMemoryFolder, checkMemoryFolder } from "./checks";
import { makeFolder } from "./make-folder";
import { searchPath } from "./processes";

/** The machine as checks.ts asks about it. */

const environment = { ...process.env, PATH: searchPath() };

/** Asks the kernel, by doing what user-mode Linux does first. */
export function probePtrace(): { refused: string | undefined } {
  const script = [
    "import ctypes, os",
    "libc = ctypes.CDLL(None, use_errno=True)",
    "child = os.fork()",
    "if child == 0: os._exit(0 if libc.ptrace(0, 0, 0, 0) == 0 else ctypes.get_errno())",
    "code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])",
    "print(os.strerror(code) if code > 0 else 'killed' if code < 0 else '', end='')",
  ].join("\n");
  const { status, stdout } = spawnSync("python3", ["-c", script], { env: environment, encoding: "utf8" });
  // Without Python there is no answer; that it is missing is another check's finding.
  return { refused: status === 0 && stdout !== "" ? stdout : undefined };
}

/** Free to this user, on the file system that holds `folder` or will. */
export function freeBytes(folder: string): number {
  if (!existsSync(folder) && dirname(folder) !== folder) return freeBytes(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

export function probeWritable(folder: string): { folder: string; refused: string | undefined } {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { folder, refused: undefined };
  } catch (error) {
    return {
      folder,
      refused: error instanceof Error && "code" in error ? String(error.code) : String(error),
    };
  }
}

/** TMPDIR, if somebody set it, was meant. */
export function probeMemoryFolders(variables: NodeJS.ProcessEnv = process.env): MemoryFolder[] {
  const folders = [variables["TMPDIR"], "/dev/shm", variables["XDG_RUNTIME_DIR"], "/tmp", "/var/tmp"];
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return [
    ...new Set(folders.filter((folder) => folder !== undefined).filter((folder) => existsSync(folder))),
  ].map((folder) => ({
    folder,
    freeBytes: freeBytes(folder),
    writable: isWritable(folder),
    executable: !mountOptions(mounts, folder).includes("noexec"),
  }));
}

/**
 * Where the lab's kernels keep their machines' memory: pass it to them as TMPDIR.
 * @throws SetupError when no folder has room
 */
export function memoryFolder(neededBytes?: number): string {
  const seen = probeMemoryFolders();
  const chosen = chooseMemoryFolder(seen, neededBytes);
  if (chosen !== undefined) return chosen.folder;
  throw (
    checkMemoryFolder(seen, neededBytes) ?? new Error("No folder was chosen, and none was found wanting.")
  );
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param mounts the text of /proc/self/mounts; of several mounts on one place the last one counts */
export function mountOptions(mounts: string, folder: string): string[] {
  const holds = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, at = ""]) => at === "/" || folder === at || folder.startsWith(`${at}/`));
  const depth = (at: string) => (at === "/" ? 0 : at.length);
  const nearest = holds.reduce<string[]>(
    (best, mount) => (depth(mount[1] ?? "/") >= depth(best[1] ?? "/") ? mount : best),
    [],
  );
  return (nearest[3] ?? "").split(",");
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Root needs no namespace. */
export function probeUserNamespaces(): { refused: string | undefined } {
  if (isRoot()) return { refused: undefined };
  const { username } = userInfo();
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (!lines.some((line) => line.startsWith(`${username}:`)))
      return { refused: `${file} has no line for ${username}` };
  }
  const tried = spawnSync("unshare", ["--user", "--map-root-user", "true"], {
    env: environment,
    encoding: "utf8",
  });
  return { refused: tried.status === 0 ? undefined : tried.stderr.trim() || "unshare failed" };
}

/** What `go version` says. */
export function probeGo(): string | undefined {
  const { status, stdout } = spawnSync("go", ["version"], { env: environment, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
