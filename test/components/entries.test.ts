import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const folder = join(__dirname, "entries");

function load(entry: string, options: { readonly use?: string; readonly sdk?: "hidden" } = {}) {
  const hide = options.sdk === "hidden" ? ["--require", join(folder, "hide.cjs")] : [];
  const program = [join(folder, "load.ts"), entry, options.use ?? ""];
  return spawnSync(process.execPath, ["--import", "tsx", ...hide, ...program], { encoding: "utf8" });
}

describe("components/entries", () => {
  it("the root loads no cloud's SDK", () => {
    const { stdout, stderr } = load("index.ts");
    assert.equal(stdout.trim(), "[]", stderr);
  });

  it("the root loads where no cloud's SDK is installed", () => {
    const { stdout, stderr, status } = load("index.ts", { sdk: "hidden" });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), "[]");
  });

  for (const { cloud, sdk } of [
    { cloud: "aws", sdk: "aws" },
    { cloud: "azure", sdk: "azure-native" },
    { cloud: "gcp", sdk: "gcp" },
  ])
    it(`the folder of a cloud loads its own: ${cloud}`, () => {
      const { stdout, stderr } = load(`${cloud}.ts`);
      assert.equal(stdout.trim(), `["${sdk}"]`, stderr);
    });

  it("says what to install when a cloud is used that is not there", () => {
    const { stderr, status } = load("index.ts", { sdk: "hidden", use: "session" });
    assert.notEqual(status, 0);
    assert.match(stderr, /@pulumi\/aws is not installed\. Run: npm install "@pulumi\/aws@\^7\.48\.0"/);
  });
});
