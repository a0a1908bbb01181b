import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What an artifact is made from; the order of the names does not matter. */
export type Ingredients = Readonly<Record<string, string | number | readonly string[]>>;

/** 16 hexadecimal digits that change whenever an ingredient does. Names and values cannot run into each other. */
export function contentKey(ingredients: Ingredients): string {
  const sorted = Object.keys(ingredients)
    .sort()
    .map((name) => [name, ingredients[name]]);
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
}

/** One file of a tree that is copied into an image. */
export interface TreeFile {
  /** Relative, with slashes: `etc/systemd/system/x.service`. */
  readonly path: string;
  /** Absolute, on this machine. */
  readonly source: string;
  /** Whether its owner may execute it: the one bit of the mode that survives git and npm. */
  readonly executable: boolean;
}

/** Every regular file below `folder`, by path. @throws what the file system says; on a symbolic link, see below */
export function listTree(folder: string, below = ""): TreeFile[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      const source = join(folder, path);
      if (entry.name === "__pycache__") return [];
      if (entry.isDirectory()) return listTree(folder, path);
      // npm leaves symbolic links out of a package, so an image made from one would differ from the checkout's.
      if (!entry.isFile())
        throw new Error(`${source} is not a regular file; npm would leave it out of the package.`);
      return [{ path, source, executable: (statSync(source).mode & 0o100) !== 0 }];
    });
}

/** One line per file: mode, SHA-256, path. */
export function digestTree(files: readonly TreeFile[]): string[] {
  return files.map(({ path, source, executable }) => {
    const sha256 = createHash("sha256").update(readFileSync(source)).digest("hex");
    return `${executable ? "755" : "644"} ${sha256} ${path}`;
  });
}
