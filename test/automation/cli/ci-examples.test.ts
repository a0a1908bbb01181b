import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { parse } from "yaml";
import { buildProgram } from "../../../automation/cli/program";

const root = join(__dirname, "../../..");
const folder = join(root, "examples/ci");
const files = ["github", "gitlab"].flatMap((name) =>
  readdirSync(join(folder, name)).map((file) => `${name}/${file}`),
);
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

/** Every text that the pipeline gives to a shell: `run` of GitHub, an entry of `script` of GitLab. */
function shellParts(value: unknown, key = ""): string[] {
  if (typeof value === "string") return key === "run" || key === "script" ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => shellParts(one, key === "script" ? key : ""));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => shellParts(one, name));
}

function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [
    ...(Array.isArray(value) ? [] : [key]),
    ...keysOf(one),
  ]);
}

const linesOf = (file: string): string[] =>
  shellParts(parse(read(file))).flatMap((part) =>
    [...part.matchAll(/npx trunkline ([^\n>|;&]*)/g)].map(([, words = ""]) => words.trim()),
  );

/** The real program with all its options, whose commands do nothing. */
function idleProgram(): Command {
  const program = buildProgram();
  const still = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.action(() => undefined);
    command.commands.forEach(still);
  };
  program.commands.forEach(still);
  return program;
}

describe("examples/ci", () => {
  it("has a plan, an up and a verify with JUnit for each of both, and nothing else", () => {
    assert.deepEqual(files, ["github/plan.yml", "github/up.yml", "gitlab/trunkline.gitlab-ci.yml"]);
    for (const name of ["github", "gitlab"])
      assert.deepEqual([...new Set(files.filter((file) => file.startsWith(name)).flatMap(linesOf))].sort(), [
        "plan --markdown",
        "plan --since before.yaml --markdown",
        "up --yes",
        "verify --junit proofs.xml",
      ]);
  });

  for (const file of files) {
    it(`${file}: every command of trunkline is one that there is`, async () => {
      assert.ok(linesOf(file).length > 0);
      for (const line of linesOf(file)) await idleProgram().parseAsync(line.split(" "), { from: "user" });
      await assert.rejects(async () => idleProgram().parseAsync(["plan", "--sinze", "x"], { from: "user" }));
    });

    it(`${file}: a shell reads its parts, and none has an expression of the pipeline's in it`, () => {
      for (const part of shellParts(parse(read(file)))) {
        const { status, stderr } = spawnSync("bash", ["-n"], { input: part, encoding: "utf8" });
        assert.equal(status, 0, `${part}\n${stderr}`);
        // What a title or a branch says would be run.
        assert.doesNotMatch(part, /\$\{\{/);
      }
    });

    it(`${file}: no long-lived keys; two that write never run side by side`, () => {
      assert.doesNotMatch(
        read(file),
        /SECRET_ACCESS_KEY|ARM_CLIENT_SECRET|credentials_json|GOOGLE_CREDENTIALS/,
      );
      if (!linesOf(file).some((line) => line.startsWith("up"))) return;
      const keys = keysOf(parse(read(file)));
      assert.ok(keys.includes("concurrency") || keys.includes("resource_group"));
      assert.ok(keys.includes("id-token") || keys.includes("id_tokens"));
      assert.match(read(file), /cancel-in-progress: false|interruptible: false/);
    });
  }

  it("on GitHub a job that runs what a pull request brings may write nothing, and one that may runs nothing of it", () => {
    const { permissions, jobs } = parse(read("github/plan.yml"));
    assert.deepEqual(permissions, {});
    assert.deepEqual(jobs.plan.permissions, { contents: "read" });
    assert.deepEqual(jobs.comment.permissions, { "pull-requests": "write" });
    assert.doesNotMatch(JSON.stringify(jobs.comment), /checkout|npm |npx /);
    assert.deepEqual(parse(read("github/up.yml")).jobs.up.permissions, {
      contents: "read",
      "id-token": "write",
    });
  });

  it("docs/ci.md leads to each", () => {
    const page = readFileSync(join(root, "docs/ci.md"), "utf8");
    for (const file of files) assert.ok(page.includes(`](../examples/ci/${file})`), file);
  });
});
