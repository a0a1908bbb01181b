import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, digestTree, listTree } from "./content-key";

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

/** Debian's releases that a machine of the lab can run: the suite, and what is done in the empty folder first. */
export const releases = {
  "debian-13": { suite: "trixie", setup: [] },
  "debian-12": { suite: "bookworm", setup: [mergeUsr] },
} as const satisfies Record<string, { readonly suite: string; readonly setup: readonly string[] }>;
export type ImageName = keyof typeof releases;
export const imageNames: readonly ImageName[] = ["debian-13", "debian-12"];
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
] as const;
export type ArtifactName = (typeof artifactNames)[number];

/** What an image is made in: Debian with its packages, then the lab's own files in a copy of that. */
export const imageArtifacts = {
  "debian-13": { base: "base", image: "image" },
  "debian-12": { base: "debian-12-base", image: "debian-12-image" },
} as const satisfies Record<ImageName, { readonly base: ArtifactName; readonly image: ArtifactName }>;

/** The folder that holds tools/ and lab/: the checkout, or the installed package. */
export const sourceRoot = join(__dirname, "..", "..");

/** Where the ingredients lie below `root`. */
export function ingredientPaths(root: string) {
  return {
    goMod: join(root, "tools/pulumi/go.mod"),
    goSum: join(root, "tools/pulumi/go.sum"),
    kernelConfig: join(root, "lab/kernel/lab-kernel.config"),
    packages: join(root, "lab/image/packages.txt"),
    prepare: join(root, "lab/image/prepare.sh"),
    tree: join(root, "lab/image/root"),
    units: join(root, "lab/image/units.txt"),
    masked: join(root, "lab/image/masked.txt"),
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
    return contentKey({
      recipe: recipe.base,
      suite,
      packages: parseList(text(paths.packages)),
      prepare: text(paths.prepare),
      ...(setup.length === 0 ? {} : { setup }),
    });
  };
  const imageOf = (release: ImageName) =>
    contentKey({
      recipe: recipe.image,
      base: baseOf(release),
      tree: digestTree(listTree(paths.tree)),
      units: parseList(text(paths.units)),
      masked: parseList(text(paths.masked)),
    });
  return {
    pulumi: `pulumi-${contentKey({ recipe: recipe.pulumi, version: pulumiVersion, mod: text(paths.goMod), sum: text(paths.goSum) })}`,
    kernel: `kernel-${contentKey({ recipe: recipe.kernel, sources: kernelSources.map(({ name }) => name), config: text(paths.kernelConfig) })}`,
    base: `base-${baseOf("debian-13")}`,
    image: `image-${imageOf("debian-13")}`,
    "debian-12-base": `debian-12-base-${baseOf("debian-12")}`,
    "debian-12-image": `debian-12-image-${imageOf("debian-12")}`,
  };
}
