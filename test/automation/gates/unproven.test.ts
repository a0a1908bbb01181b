import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releaseChange, type Seen, unknownRelease } from "../../../automation/gates/releases.plan";
import { together } from "../../../automation/rollout/released";
import { forgetUnproven, Unproven } from "../../../automation/gates/unproven";

const change = (gateway: string, from: string | null, to: string) => ({ gateway, from, to });

describe("what a step has changed at a gateway", () => {
  const runs = (release: string | null, previous: string | null = null): Seen => ({
    release,
    previous,
    tunnels: [],
  });
  for (const { what, before, now, touched = true, is } of [
    { what: "another release", before: runs("old"), now: runs("new", "old"), is: change("a", "old", "new") },
    { what: "none, for it went back by itself", before: runs("old"), now: runs("old"), is: undefined },
    {
      what: "none, for the engine did nothing",
      before: runs("old"),
      now: runs("new", "old"),
      touched: false,
      is: undefined,
    },
    { what: "its first release", before: runs(null), now: runs("new"), is: change("a", null, "new") },
    { what: "no release yet", before: undefined, now: runs(null), is: undefined },
    {
      what: "the release of a new machine",
      before: runs("old"),
      now: runs("new"),
      is: change("a", null, "new"),
    },
    {
      what: "by its own word, where it was silent before",
      before: undefined,
      now: runs("new", "old"),
      is: change("a", "old", "new"),
    },
    {
      what: "it is not known what, where it is silent since",
      before: runs("old"),
      now: undefined,
      is: change("a", "old", unknownRelease),
    },
    {
      what: "nothing that could be taken back, where it always was silent",
      before: undefined,
      now: undefined,
      is: undefined,
    },
  ])
    it(what, () => assert.deepEqual(releaseChange("a", before, now, touched), is));
});

describe("the note of what no gate has passed", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "unproven-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => join(folder, "unproven.json");

  it("outlives whoever wrote it, is its owner's alone, and is gone with the last entry", () => {
    const first = new Unproven(folder);
    first.set("acme.fabric-euw1", [change("euw1-a", "old", "new"), change("euw1-b", "old", "new")]);
    first.set("acme.fabric-use1", []);
    assert.equal(statSync(file()).mode & 0o077, 0);
    const next = new Unproven(folder);
    assert.ok(next.has("acme.fabric-use1") && !next.has("acme.fabric-apse2"));
    next.returned("euw1-a");
    assert.deepEqual(new Unproven(folder).released("acme.fabric-euw1"), [change("euw1-b", "old", "new")]);
    next.forget(["acme.fabric-euw1", "acme.fabric-use1"]);
    assert.ok(!existsSync(file()));
  });

  it("has what was true before the first of its stacks, until none is left", () => {
    const before = { proofs: ["reachability/euw1>use1"], tunnels: { "euw1-a": ["euw1-a~use1-a"] } };
    const first = new Unproven(folder);
    first.begin("acme.fabric-euw1", before);
    first.set("acme.fabric-euw1", [change("euw1-a", "old", "new")]);
    // With a release in place that no gate has passed, what holds says nothing.
    const next = new Unproven(folder);
    next.begin("acme.fabric-use1", { proofs: [], tunnels: {} });
    assert.deepEqual(new Unproven(folder).standing, before);
    // All that the stack had brought is gone: it is as it was proven.
    next.returned("euw1-a");
    assert.ok(!next.has("acme.fabric-euw1"));
    next.forget(["acme.fabric-use1"]);
    assert.deepEqual(next.standing, { proofs: [], tunnels: {} });
    next.begin("acme.fabric-use1", { proofs: ["sa/x"], tunnels: {} });
    assert.deepEqual(new Unproven(folder).standing.proofs, ["sa/x"]);
  });

  it("goes with the fleet, damaged or not", () => {
    writeFileSync(file(), "{");
    forgetUnproven(folder);
    assert.ok(!existsSync(file()));
    forgetUnproven(folder);
  });

  it("is refused where it is damaged, and stays as it is", () => {
    for (const text of ["{", '{"format":"trunkline.unproven/2","stacks":{}}']) {
      writeFileSync(file(), text);
      assert.throws(() => new Unproven(folder), /unproven\.json, the note of releases .* is damaged/);
      assert.equal(readFileSync(file(), "utf8"), text);
    }
  });

  it("a gateway that got one release after the other goes back to the one from before the first", () => {
    assert.deepEqual(together([change("a", "1", "2"), change("b", "1", "2")], [change("a", "2", "3")]), [
      change("b", "1", "2"),
      change("a", "1", "3"),
    ]);
    assert.deepEqual(together([change("a", "1", "2")], [change("a", "2", "1")]), []);
  });
});
