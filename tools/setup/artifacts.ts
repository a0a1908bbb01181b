import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache";
import { engineRoot } from "./engine-root";
import { artifactFolders } from "./recipes";

/** What the engine and the lab run on: absolute paths of finished, read-only things in the user's cache. */
export interface Artifacts {
  /** `bin/pulumi` with its language host beside it: `PulumiCommand.get({ root })`. */
  readonly pulumiRoot: string;
  /** The user-mode Linux kernel, an executable. */
  readonly kernel: string;
  /** An ext4 file system with Debian and the lab's own files; share it, each machine with a copy-on-write file. */
  readonly image: string;
  /** `name version` per line: the Debian packages in the image. */
  readonly imagePackages: string;
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
    image: join(cache, folders.image, "image.ext4"),
  };
  const missing = Object.entries(paths).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length > 0) throw new SetupMissing(missing);
  return {
    pulumiRoot: engineRoot(cache, paths.pulumi),
    kernel: paths.kernel,
    image: paths.image,
    imagePackages: join(cache, folders.image, "packages.txt"),
  };
}
