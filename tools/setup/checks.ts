import { formatSize } from "./progress";
import { SetupError } from "./setup-error";

/**
 * What may be wrong with a machine, one check each: a pure function of what a probe saw (probes.ts), undefined if all is
 * well. One sentence on what is wrong, one on what to do.
 */
export type Finding = SetupError | undefined;

export function checkPlatform(seen: { platform: NodeJS.Platform; arch: string }): Finding {
  const names: Partial<Record<NodeJS.Platform, string>> = { darwin: "macOS", win32: "Windows" };
  if (seen.platform !== "linux")
    return new SetupError(
      "NotLinux",
      `The lab's machines are user-mode Linux kernels, which run on Linux only; this is ${names[seen.platform] ?? seen.platform}. Use a Linux machine or virtual machine (Debian 12 or newer, or Ubuntu).`,
    );
  if (seen.arch !== "x64")
    return new SetupError(
      "NotX86",
      `The lab's kernel exists for x86-64 only; this machine is ${seen.arch}. Use an x86-64 Linux machine or virtual machine.`,
    );
  return undefined;
}

/** @param seen.refused what a process said that asked to be traced; undefined if it was let */
export function checkPtrace(seen: { refused: string | undefined }): Finding {
  return seen.refused === undefined
    ? undefined
    : new SetupError(
        "NoPtrace",
        `This system forbids ptrace (${seen.refused}), and user-mode Linux cannot run without it. Set kernel.yama.ptrace_scope to 1 or lower, or start the container with --cap-add=SYS_PTRACE.`,
      );
}

export interface Room {
  readonly folder: string;
  readonly freeBytes: number;
  readonly neededBytes: number;
}

export function checkSpace({ folder, freeBytes, neededBytes }: Room): Finding {
  return freeBytes >= neededBytes
    ? undefined
    : new SetupError(
        "NoSpace",
        `${folder} has ${formatSize(freeBytes)} free, and the set-up needs ${formatSize(neededBytes)} there while it builds. Free some space, or set XDG_CACHE_HOME to a folder with more.`,
      );
}

export function checkCacheWritable(seen: { folder: string; refused: string | undefined }): Finding {
  return seen.refused === undefined
    ? undefined
    : new SetupError(
        "CacheNotWritable",
        `The cache folder ${seen.folder} cannot be written to (${seen.refused}). Change its owner, or set XDG_CACHE_HOME to a folder of yours.`,
      );
}

/** A place where kernels may keep their machines' memory. */
export interface MemoryFolder {
  readonly folder: string;
  readonly freeBytes: number;
  readonly writable: boolean;
  /** Kernels map it executable. */
  readonly executable: boolean;
}

export const memoryBytes = 2e9;

/** @returns the first folder that will do */
export function chooseMemoryFolder(
  seen: readonly MemoryFolder[],
  neededBytes = memoryBytes,
): MemoryFolder | undefined {
  return seen.find(
    ({ writable, executable, freeBytes }) => writable && executable && freeBytes >= neededBytes,
  );
}

export function checkMemoryFolder(seen: readonly MemoryFolder[], neededBytes = memoryBytes): Finding {
  if (chooseMemoryFolder(seen, neededBytes) !== undefined) return undefined;
  const why = ({ folder, freeBytes, writable, executable }: MemoryFolder) =>
    `${folder} ${!writable ? "cannot be written to" : !executable ? "is mounted noexec" : `has ${formatSize(freeBytes)} free`}`;
  return new SetupError(
    "NoMemoryFolder",
    `The lab's machines need a folder with ${formatSize(neededBytes)} free for their memory: ${seen.map(why).join(", ")}. Enlarge /dev/shm (docker run --shm-size=4g), or set TMPDIR to a folder with room.`,
  );
}

/** A program, or a file, and the Debian package that brings it. */
export interface Requirement {
  /** A name to be found on PATH, or an absolute path. */
  readonly program: string;
  readonly package: string;
}

/** @param seen.missing the requirements that are not met; @param seen.apt whether apt-get could bring them */
export function checkPrograms(seen: { missing: readonly Requirement[]; apt: boolean }): Finding {
  if (seen.missing.length === 0) return undefined;
  const programs = seen.missing.map(({ program }) => program.split("/").at(-1) ?? program).join(", ");
  return new SetupError(
    "MissingPrograms",
    seen.apt
      ? `The set-up needs ${programs}, not found here. Run once: sudo ${installCommand(seen.missing).join(" ")}`
      : `The set-up needs ${programs}, not found here, and there is no apt-get to bring them. Install them with your system's package manager.`,
  );
}

export function installCommand(missing: readonly Requirement[]): string[] {
  const packages = [...new Set(missing.map((requirement) => requirement.package))].sort();
  return ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
}

/** @param seen.refused what `unshare` said; undefined if an ordinary user may make a namespace, or is root */
export function checkUserNamespaces(seen: { refused: string | undefined }): Finding {
  return seen.refused === undefined
    ? undefined
    : new SetupError(
        "NoUserNamespaces",
        `An ordinary user makes the lab's image in a user namespace, which this system refuses (${seen.refused}). Run trunkline-setup once as root with XDG_CACHE_HOME set to your cache folder and hand that folder to yourself with chown, or allow them: sudo sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`,
      );
}

/** A Go of this version fetches by itself the one that the module asks for. */
const oldestGo = [1, 21] as const;

export interface PulumiSources {
  /** An installed CLI will do, or the vendor's download can be reached. */
  readonly available: boolean;
  /** What `go version` says, if there is a Go. */
  readonly go: string | undefined;
}

export function checkPulumi({ available, go }: PulumiSources): Finding {
  if (available) return undefined;
  const advice =
    "Install Go 1.21 or newer (https://go.dev/dl), or the Pulumi CLI 3.259.0 or newer (https://www.pulumi.com/docs/install), and run this again.";
  if (go === undefined)
    return new SetupError(
      "NoPulumi",
      `There is no Pulumi CLI here, its download (https://get.pulumi.com) cannot be reached, and there is no Go to build it. ${advice}`,
    );
  const match = /go(\d+)\.(\d+)/.exec(go);
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])
    ? undefined
    : new SetupError(
        "NoPulumi",
        `There is no Pulumi CLI here, its download (https://get.pulumi.com) cannot be reached, and this Go is too old to build it (${go.trim()}). ${advice}`,
      );
}
