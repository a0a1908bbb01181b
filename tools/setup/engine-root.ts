import { existsSync, linkSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { contentKey } from "./content-key";
import { publish } from "./publish";
import { sourceRoot } from "./recipes";

const languageHost = "pulumi-language-nodejs";

/** Our language host, compiled: the shell wrapper below outlives the loader that runs us from source. */
const ownHost = join(
  sourceRoot,
  extname(__filename) === ".ts" ? "packages/cli" : "",
  "tools/pulumi/language-host/main.js",
);

/**
 * A folder whose `bin/` holds the CLI and a language host: the CLI looks for the host beside itself. The vendor's
 * archive brings one; a CLI built from source has none, and gets ours. Ours lies in this checkout or package and runs
 * on this Node, so it has a folder of its own (hard links and a few lines of text), keyed by those two paths.
 *
 * @param cli the artifact that holds `bin/pulumi`
 */
export function engineRoot(cache: string, cli: string, node: string = process.execPath): string {
  if (existsSync(join(cli, "bin", languageHost))) return cli;
  const wrapper = `#!/bin/sh\nexec ${quote(node)} ${quote(ownHost)} "$@"\n`;
  const root = join(cache, `engine-${contentKey({ cli, wrapper })}`);
  if (existsSync(root)) return root;
  const work = mkdtempSync(join(cache, ".work-engine-"));
  mkdirSync(join(work, "bin"));
  linkSync(join(cli, "bin/pulumi"), join(work, "bin/pulumi"));
  writeFileSync(join(work, "bin", languageHost), wrapper, { mode: 0o755 });
  publish(work, root);
  return root;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
