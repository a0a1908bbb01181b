import { join } from "node:path";
import { mirror, sources } from "./debian";
import { run } from "./processes";
import { type ImageName, imageParts, releases } from "./recipes";
import type { Stage } from "./stage";

/** Room for a machine's own files; the image file is sparse, and so is each machine's copy-on-write file. */
const imageSize = "2G";
/** As many as a machine of this kind ever has, not as many as 2 GB could hold: they are all zeroed at first mount. */
const inodes = "65536";

/** How mmdebstrap becomes root, or looks like it. */
export type Mode = "root" | "unshare";

/**
 * Debian with the packages of lab/image as an ext4 file. An ordinary user can make it too, in a user
 * namespace; what has to be done as the system's owner is done in hooks, inside that namespace.
 */
export async function makeBase(
  { work, log, signal, progress }: Stage,
  mode: Mode,
  release: ImageName,
): Promise<Record<string, string>> {
  const parts = imageParts(release);
  const image = join(work, "base.ext4");
  progress("starting mmdebstrap");
  const input = {
    mode,
    ...releases[release],
    image,
    packages: join(work, "packages.txt"),
    prepare: parts.prepare,
    include: parts.packages,
  };
  await run("mmdebstrap", mmdebstrapArguments(input), {
    signal,
    log,
    // In a user namespace mmdebstrap cannot look into our folder; it makes one of its own below /tmp.
    env: { TMPDIR: mode === "root" ? work : "/tmp" },
    onLine: (line) => {
      if (line.startsWith("I: running ")) progress("writing the file system");
      else if (line.startsWith("I: ")) progress(line.slice(3).replace(/\.+$/, ""));
    },
    purpose: "Making the lab's Debian with mmdebstrap",
  });
  // It came through a pipe, which knows no holes.
  await run("fallocate", ["--dig-holes", image], { signal, log, purpose: "Making the image sparse" });
  return { suite: releases[release].suite, mirror: mirror() };
}

interface Input {
  readonly mode: Mode;
  readonly suite: string;
  /** Shell text, run in the folder before anything is unpacked: `$1`. */
  readonly setup: readonly string[];
  /** Where the file system goes, and the list of what is in it. */
  readonly image: string;
  readonly packages: string;
  /** Texts of lab/image/prepare.sh and the like. */
  readonly prepare: readonly string[];
  readonly include: readonly string[];
}

export function mmdebstrapArguments({
  mode,
  suite,
  setup,
  image,
  packages,
  prepare,
  include,
}: Input): string[] {
  const inside = "/trunkline-lab.ext4";
  return [
    `--mode=${mode}`,
    "--variant=minbase",
    "--architectures=amd64",
    // Nothing but the two files below is wanted.
    "--format=null",
    `--include=${include.join(",")}`,
    '--aptopt=Acquire::Retries "3"',
    '--aptopt=APT::Install-Recommends "false"',
    ...["doc", "man", "locale", "info", "lintian"].map(
      (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
    ),
    "--dpkgopt=path-exclude=/usr/lib/udev/hwdb.d/*",
    ...setup.map((hook) => `--setup-hook=${hook}`),
    // As text: in a user namespace the checkout may be closed to the hook.
    ...prepare.map((hook) => `--customize-hook=${hook}`),
    `--customize-hook=download /usr/share/trunkline-lab-packages.txt "${packages}"`,
    // A copy, because /proc and /sys are mounted in the original.
    `--customize-hook=cp -ax "$1" "$1.tree" && ${mke2fs("$1.tree", `$1${inside}`)} && rm -rf "$1.tree"`,
    `--customize-hook=download ${inside} "${image}"`,
    suite,
    "/dev/null",
    ...sources(suite),
  ];
}

function mke2fs(tree: string, image: string): string {
  const prezeroed = "lazy_itable_init=1,lazy_journal_init=1,assume_storage_prezeroed=1";
  return `mke2fs -q -t ext4 -L trunkline -m 0 -J size=16 -N ${inodes} -E ${prezeroed} -d "${tree}" "${image}" ${imageSize}`;
}
