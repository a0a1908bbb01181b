import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, digestTree, listTree, type TreeFile } from "./content-key";

/**
 * What each artifact is made from, and so what its folder is called. Raise a recipe's number when its code changes what
 * comes out. Debian's point releases are not part of a key: a mirror drops the former ones, and a cache that is right
 * today must not be rebuilt for that tomorrow. What was really used is written down beside the artifact.
 */
const recipe = { pulumi: 1, kernel: 2, base: 1, image: 1 };

/**
 * Up to Debian 12 nobody but the installer merges /usr, and every Debian 12 that is installed has it merged: before the
 * first package is unpacked. From 13 on the package base-files does it.
 * @see Debian 12's release notes, "Merged /usr is now required"
 */
const mergeUsr = `for folder in bin sbin lib lib64; do mkdir -p "$1/usr/$folder" && ln -s "usr/$folder" "$1/$folder"; done`;

/**
 * Debian's releases that a machine of the lab can run: the suite, and what is done in the empty folder first. The one
 * that ends in `-cloud` boots as on a cloud: all of systemd, udev, cloud-init, DHCP.
 */
export const releases = {
  "debian-13": { suite: "trixie", setup: [] },
  "debian-12": { suite: "bookworm", setup: [mergeUsr] },
  "debian-13-cloud": { suite: "trixie", setup: [] },
} as const satisfies Record<string, { readonly suite: string; readonly setup: readonly string[] }>;
export type ImageName = keyof typeof releases;
export const imageNames: readonly ImageName[] = ["debian-13", "debian-12", "debian-13-cloud"];
/** What every lab needs, and the one image that is made without being asked for. */
export const defaultImage = "debian-13";
/** The default release's, whose kernel source is built for all machines. */
export const suite = releases[defaultImage].suite;
/**
 * In order of preference: the first that the mirror still has is built. From 6.16 on user-mode Linux can run its
 * processes under seccomp in place of ptrace, which makes the lab a third faster; backports drop a version when the next
 * one is there, the suite's own stays.
 * @see Linux, arch/um/os-Linux/start_up.c, `seccomp=`
 */
export const kernelSources = [
  { name: "linux-source-7.2", from: `${suite}-backports` },
  { name: "linux-source-6.12", from: suite },
] as const;
/** The one that the JavaScript SDK of this repository belongs to. */
export const pulumiVersion = "3.259.0";

/** The order in which they depend on each other. None begins another's name: see the work folders in obtain.ts. */
export const artifactNames = [
  "pulumi",
  "kernel",
  "base",
  "image",
  "debian-12-base",
  "debian-12-image",
  "cloud-base",
  "cloud-image",
] as const;
export type ArtifactName = (typeof artifactNames)[number];

/** What an image is made in: Debian with its packages, then the lab's own files in a copy of that. */
export const imageArtifacts = {
  "debian-13": { base: "base", image: "image" },
  "debian-12": { base: "debian-12-base", image: "debian-12-image" },
  "debian-13-cloud": { base: "cloud-base", image: "cloud-image" },
} as const satisfies Record<ImageName, { readonly base: ArtifactName; readonly image: ArtifactName }>;

/** The folder that holds tools/ and lab/: the checkout, or the installed package. */
export const sourceRoot = join(__dirname, "..", "..");

/** Where the ingredients lie below `root`. */
export function ingredientPaths(root: string) {
  return {
    goMod: join(root, "tools/pulumi/go.mod"),
    goSum: join(root, "tools/pulumi/go.sum"),
    kernelConfig: join(root, "lab/kernel/lab-kernel.config"),
  };
}

/** What an image is made of, beside its suite. */
export interface ImageParts {
  readonly packages: readonly string[];
  /** Shell texts that do first-boot work, one after the other: lab/image/prepare.sh. */
  readonly prepare: readonly string[];
  readonly tree: readonly TreeFile[];
  readonly units: readonly string[];
  readonly masked: readonly string[];
}

export function imageParts(release: ImageName, root: string = sourceRoot): ImageParts {
  const folder = join(root, "lab/image");
  const cloud = join(folder, "cloud");
  const isCloud = release === "debian-13-cloud";
  const both = isCloud ? [folder, cloud] : [folder];
  const own = isCloud ? cloud : folder;
  const text = (...path: string[]) => readFileSync(join(...path), "utf8");
  return {
    packages: both.flatMap((at) => parseList(text(at, "packages.txt"))),
    prepare: both.map((at) => text(at, "prepare.sh")),
    tree: both.flatMap((at) => listTree(join(at, "root"))),
    units: parseList(text(own, "units.txt")),
    masked: parseList(text(own, "masked.txt")),
  };
}

/** The words of a list file: one per line, `#` begins a comment. */
export function parseList(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

/** The name of each artifact's folder in the cache, such as `kernel-0123456789abcdef`. */
export function artifactFolders(root: string = sourceRoot): Record<ArtifactName, string> {
  const paths = ingredientPaths(root);
  const text = (path: string) => readFileSync(path, "utf8");
  const baseOf = (release: ImageName) => {
    const { suite, setup } = releases[release];
    const { packages, prepare } = imageParts(release, root);
    return contentKey({
      recipe: recipe.base,
      suite,
      packages,
      prepare: prepare.length === 1 ? prepare.join("") : prepare,
      ...(setup.length === 0 ? {} : { setup }),
    });
  };
  const imageOf = (release: ImageName) => {
    const { tree, units, masked } = imageParts(release, root);
    return contentKey({ recipe: recipe.image, base: baseOf(release), tree: digestTree(tree), units, masked });
  };
  return {
    pulumi: `pulumi-${contentKey({ recipe: recipe.pulumi, version: pulumiVersion, mod: text(paths.goMod), sum: text(paths.goSum) })}`,
    kernel: `kernel-${contentKey({ recipe: recipe.kernel, sources: kernelSources.map(({ name }) => name), config: text(paths.kernelConfig) })}`,
    base: `base-${baseOf("debian-13")}`,
    image: `image-${imageOf("debian-13")}`,
    "debian-12-base": `debian-12-base-${baseOf("debian-12")}`,
    "debian-12-image": `debian-12-image-${imageOf("debian-12")}`,
    "cloud-base": `cloud-base-${baseOf("debian-13-cloud")}`,
    "cloud-image": `cloud-image-${imageOf("debian-13-cloud")}`,
  };
}
