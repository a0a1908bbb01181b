import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Compares files with those of a folder; `npm run golden` writes them in place of comparing, and the change is
 * reviewed as a diff.
 */
export function assertGolden(folder: string, files: Readonly<Record<string, string>>): void {
  if (process.env["TRUNKLINE_GOLDEN"] === "write") {
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  assert.deepEqual(kept.sort(), Object.keys(files).sort(), "other files than in the golden folder");
  for (const [path, text] of Object.entries(files))
    assert.equal(text, readFileSync(join(folder, path), "utf8"), `${path}; npm run golden writes it anew`);
}
