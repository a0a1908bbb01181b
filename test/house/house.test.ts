import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ESLint } from "eslint";

const root = join(__dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));
const code = files.filter((path) => /\.(ts|py|mjs|cjs)$/.test(path));

describe("the house", () => {
  it("has scripts for the commands that its pages tell to run", () => {
    const { scripts } = JSON.parse(read("package.json"));
    for (const page of ["README.md", "CONTRIBUTING.md", "test/README.md"])
      for (const [, name = ""] of read(page).matchAll(/npm run ([a-z:]+)/g))
        assert.ok(name in scripts, `${page}: ${name}`);
    assert.equal(scripts["test"], "node tools/test.mjs all");
  });

  it("has a page in every folder that ARCHITECTURE.md names, and links that lead somewhere", () => {
    for (const [, folder = ""] of read("ARCHITECTURE.md").matchAll(/^\| \[(\w+)\/\]/gm))
      assert.ok(existsSync(join(root, folder, "README.md")), folder);
    const parts = ["backbone", "trust", "aws", "azure", "gcp"]
      .map((part) => `components/${part}`)
      .concat("docs");
    for (const folder of parts) assert.ok(existsSync(join(root, folder, "README.md")), folder);
    const index = read("docs/README.md");
    for (const page of files.filter((path) => /^docs\/(.+\/)?[^/]+\.(md|json)$/.test(path)))
      if (page !== "docs/README.md") assert.ok(index.includes(`](${page.slice("docs/".length)})`), page);
    for (const page of files.filter((path) => path.endsWith(".md")))
      for (const [, target = ""] of read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
        assert.ok(existsSync(join(root, page, "..", target)), `${page}: ${target}`);
  });

  it("has one idea per file: none of code is longer than 400 lines, none is named for nothing", () => {
    for (const path of code) {
      assert.ok(read(path).split("\n").length <= 401, path);
      assert.doesNotMatch(path, /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/);
    }
  });

  it("holds the direction of imports", async () => {
    const eslint = new ESLint({ cwd: root });
    const planted =
      'import { CertificateAuthority } from "../components/trust/authority";\nexport const wrong = CertificateAuthority;\n';
    const [result] = await eslint.lintText(planted, { filePath: join(root, "fleet/hash.ts") });
    const rules = result?.messages.map(({ ruleId }) => ruleId) ?? [];
    assert.ok(rules.includes("import-x/no-restricted-paths"), rules.join());
  });

  it("packs what its entries name, and no test", () => {
    for (const workspace of ["trunkline", "@trunkline/cli"]) {
      const said = execFileSync(
        "npm",
        ["pack", "--dry-run", "--json", "--ignore-scripts", "--workspace", workspace],
        {
          cwd: root,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        },
      );
      const answer: unknown = JSON.parse(said);
      const packed = (Array.isArray(answer) ? answer : Object.values(Object(answer))).flatMap((one) =>
        Object(one).files.map((file: object) => String(Reflect.get(file, "path"))),
      );
      const manifest = JSON.parse(read(`packages/${basename(workspace)}/package.json`));
      const entries: string[] = [
        ...Object.values<string>(manifest.bin ?? {}),
        ...(manifest.main === undefined ? [] : [manifest.main]),
      ];
      for (const entry of entries) assert.ok(packed.includes(entry.replace("./", "")), entry);
      for (const wanted of ["README.md", "LICENSE"])
        assert.ok(packed.includes(wanted), `${workspace}: ${wanted}`);
      // What an editor, and a reader of the examples, looks for.
      const besides = {
        trunkline: "fleet/fleet.schema.json",
        "@trunkline/cli": "examples/components-aws/index.ts",
      };
      assert.ok(packed.includes(Reflect.get(besides, workspace)), workspace);
      assert.deepEqual(
        packed.filter((path) => /(^|\/)test\//.test(path)),
        [],
      );
    }
  });

  it("is under Apache-2.0", () => {
    assert.match(read("LICENSE"), /Apache License\s+Version 2\.0/);
    for (const path of ["package.json", "packages/cli/package.json", "packages/trunkline/package.json"])
      assert.equal(JSON.parse(read(path)).license, "Apache-2.0");
  });
});
