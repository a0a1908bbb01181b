// Compiles the two packages in place (packages/trunkline, packages/cli) and copies what is not TypeScript.
// Types are checked by `npm run typecheck`; here speed counts, because `npm ci` runs this.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = {
  trunkline: ["fleet", "gateway", "components", "stacks"],
  cli: ["automation", "lab", "tools", "examples"],
};
const compiled = /\.(ts|mts)$/;

/** Every file below `folder` that the compiler leaves behind: Python, C, Go modules, templates. */
function assets(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "__pycache__" ? [] : assets(path);
    // Examples are to be read and copied: nobody compiles them.
    return compiled.test(entry.name) && !path.startsWith(join(root, "examples")) ? [] : [path];
  });
}

for (const [name, folders] of Object.entries(packages)) {
  const home = join(root, "packages", name);
  for (const folder of folders) rmSync(join(home, folder), { recursive: true, force: true });
  const checked = process.argv.includes("--check") ? [] : ["--noCheck"];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const made = spawnSync(process.execPath, [tsc, "-p", `tsconfig.${name}.json`, ...checked], {
    cwd: root,
    stdio: "inherit",
  });
  if (made.status !== 0) process.exit(made.status ?? 1);
  for (const folder of folders.filter((f) => existsSync(join(root, f))))
    for (const path of assets(join(root, folder))) {
      const to = join(home, path.slice(root.length + 1));
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(path, to);
    }
  for (const page of ["README.md", "LICENSE"]) copyFileSync(join(root, page), join(home, page));
  // Where `trunkline init` tells the editor to find it.
  if (name === "trunkline")
    copyFileSync(join(root, "docs/fleet.schema.json"), join(home, "fleet/fleet.schema.json"));
}
