import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache";
import { engineRoot } from "./engine-root";
import { artifactFolders, defaultImage, imageArtifacts, type ImageName, imageNames } from "./recipes";

/** What the engine and the lab run on: absolute paths of finished, read-only things in the user's cache. */
export interface Artifacts {
  /** `bin/pulumi` with its language host beside it: `PulumiCommand.get({ root })`. */
  readonly pulumiRoot: string;
  /** The user-mode Linux kernel, an executable. */
  readonly kernel: string;
  /**
   * ext4 file systems with Debian and the lab's own files, by release; share them, each machine with a copy-on-write
   * file. The default is always there, another only where it was asked for. `packages.txt` beside an image: `name
   * version` per line.
   */
  readonly images: Readonly<Record<typeof defaultImage, string> & Partial<Record<ImageName, string>>>;
}

/** Something is not there that `trunkline-setup` makes. */
export class SetupMissing extends Error {
  override readonly name = "SetupMissing";
  constructor(readonly missing: readonly string[]) {
    super(`Not set up yet (missing: ${missing.join(", ")}). Run \`npx trunkline-setup\` first.`);
  }
}

/** @throws SetupMissing, which names all that is missing */
export function artifacts(cache: string = cacheFolder()): Artifacts {
  const folders = artifactFolders();
  const paths = {
    pulumi: join(cache, folders.pulumi),
    kernel: join(cache, folders.kernel, "linux"),
    image: imagePath(cache, defaultImage),
  };
  const missing = Object.entries(paths).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length > 0) throw new SetupMissing(missing);
  return {
    pulumiRoot: engineRoot(cache, paths.pulumi),
    kernel: paths.kernel,
    images: {
      ...Object.fromEntries(
        imageNames
          .map((name) => [name, imagePath(cache, name)] as const)
          .filter(([, path]) => existsSync(path)),
      ),
      [defaultImage]: paths.image,
    },
  };
}

function imagePath(cache: string, release: ImageName): string {
  return join(cache, artifactFolders()[imageArtifacts[release].image], "image.ext4");
}

/** How an image that nobody asked for yet is asked for. */
export function imageCommand(release: ImageName): string {
  return `npx trunkline-setup --image ${release}`;
}
