import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeDamagedSidecars } from "../../../automation/runner/sidecars";

describe("attributes that an engine has half written", () => {
  let backend: string;
  beforeEach(() => {
    backend = mkdtempSync(join(tmpdir(), "backend-"));
    mkdirSync(join(backend, ".pulumi/stacks/test"), { recursive: true });
  });
  afterEach(() => rmSync(backend, { recursive: true, force: true }));
  const at = (path: string) => join(backend, ".pulumi", path);

  it("go, of this stack and of the backend; whole ones, other stacks' and the state itself stay", () => {
    const damaged = ["stacks/test/one.json.attrs", "stacks/test/one.json.bak.attrs", "meta.yaml.attrs"];
    const kept = ["stacks/test/one.json", "stacks/test/other.json.attrs"];
    for (const path of [...damaged, ...kept])
      writeFileSync(at(path), path.endsWith(".bak.attrs") ? '{"user' : "");
    assert.equal(removeDamagedSidecars(backend, "test", "one"), true);
    assert.deepEqual(
      [...damaged, ...kept].filter((path) => existsSync(at(path))),
      kept,
    );
    writeFileSync(at("stacks/test/one.json.attrs"), '{"user.content_type":"application/json"}\n');
    assert.equal(removeDamagedSidecars(backend, "test", "one"), false);
    assert.ok(existsSync(at("stacks/test/one.json.attrs")));
  });

  it("are none where nothing is", () => assert.equal(removeDamagedSidecars(backend, "test", "new"), false));
});
