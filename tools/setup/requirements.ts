import { accessSync, constants, existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Requirement } from "./checks";
import { keyring } from "./debian";
import { searchPath } from "./processes";
import type { ArtifactName } from "./recipes";

const fromDebian: readonly Requirement[] = [
  { program: "apt-get", package: "apt" },
  { program: keyring, package: "debian-archive-keyring" },
];

/** What a running lab needs on the host, whatever there is left to make. */
const always: readonly Requirement[] = [
  { program: "ssh", package: "openssh-client" },
  { program: "python3", package: "python3" },
];

/** What the tests of a checkout need besides. */
const tests: readonly Requirement[] = [
  { program: "shellcheck", package: "shellcheck" },
  { program: "zsh", package: "zsh" },
  { program: "fish", package: "fish" },
];

const forBase: readonly Requirement[] = [
  ...fromDebian,
  { program: "mmdebstrap", package: "mmdebstrap" },
  { program: "mke2fs", package: "e2fsprogs" },
  { program: "fallocate", package: "util-linux" },
];
const forImage: readonly Requirement[] = [
  { program: "debugfs", package: "e2fsprogs" },
  { program: "e2fsck", package: "e2fsprogs" },
];

const toMake: Readonly<Record<ArtifactName, readonly Requirement[]>> = {
  // Go is not asked of apt: Debian 12's is too old, and an installed CLI or a download does without (checkPulumi).
  pulumi: [],
  kernel: [
    ...fromDebian,
    { program: "dpkg-deb", package: "dpkg" },
    { program: "tar", package: "tar" },
    { program: "xz", package: "xz-utils" },
    { program: "make", package: "make" },
    { program: "gcc", package: "gcc" },
    { program: "/usr/include/stdio.h", package: "libc6-dev" },
    { program: "flex", package: "flex" },
    { program: "bison", package: "bison" },
    { program: "bc", package: "bc" },
  ],
  base: forBase,
  image: forImage,
  "debian-12-base": forBase,
  "debian-12-image": forImage,
  "cloud-base": forBase,
  "cloud-image": forImage,
};

/** What mmdebstrap makes. */
export function isBase(name: ArtifactName): boolean {
  return toMake[name] === forBase;
}

export interface Need {
  readonly artifacts: readonly ArtifactName[];
  /** An ordinary user's image is made in a user namespace. */
  readonly root: boolean;
  readonly forTests: boolean;
}

/** Each program once. */
export function requirements({ artifacts, root, forTests }: Need): Requirement[] {
  const all = [
    ...always,
    ...(forTests ? tests : []),
    ...artifacts.flatMap((name) => toMake[name]),
    ...(artifacts.some(isBase) && !root ? [{ program: "newuidmap", package: "uidmap" }] : []),
  ];
  return [...new Map(all.map((requirement) => [requirement.program, requirement])).values()];
}

export function isPresent({ program }: Requirement): boolean {
  if (isAbsolute(program)) return existsSync(program);
  return searchPath()
    .split(":")
    .some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
