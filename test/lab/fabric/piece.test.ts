import assert from "node:assert/strict";
import fc from "fast-check";
import { type Piece, scriptBetween, type Stage } from "../../../lab/fabric/piece";

/** A piece that makes one thing under its own name, in one of a few forms. */
function piece(key: string, form: number, stage: Stage, again: boolean): Piece {
  return {
    key,
    stage,
    up: [{ sh: `${again ? "set" : "add"} ${key} ${String(form)}` }],
    down: [{ sh: `del ${key}` }],
    ...(again ? { onChange: "again" as const } : {}),
  };
}

const stages: readonly Stage[] = ["network", "cable", "rule", "route", "service"];
const names = ["a", "b", "c", "d", "e", "f"];

/** What a kernel would do: `add` of something that exists, and `del` of something that does not, are errors. */
function run(script: string, state: ReadonlyMap<string, string>): Map<string, string> {
  const after = new Map(state);
  for (const line of script.split("\n")) {
    const [verb, name = "", form = ""] = line.split(" ");
    if (verb === "add") assert(!after.has(name), `${name} exists`);
    if (verb === "del") assert(after.delete(name), `there is no ${name}`);
    if (verb === "add" || (verb === "set" && name !== "-e")) after.set(name, form);
  }
  return after;
}

function stateOf(pieces: readonly Piece[]): Map<string, string> {
  return run(scriptBetween([], pieces), new Map());
}

/** How a name behaves does not change with time; what it holds does. */
const sets = fc
  .array(fc.record({ stage: fc.constantFrom(...stages), again: fc.boolean() }), {
    minLength: names.length,
    maxLength: names.length,
  })
  .chain((kinds) => {
    const one = fc
      .array(fc.option(fc.nat(2)), { minLength: names.length, maxLength: names.length })
      .map((forms) =>
        names.flatMap((name, index) => {
          const form = forms[index];
          const kind = kinds[index];
          return form === null || form === undefined || kind === undefined
            ? []
            : [piece(name, form, kind.stage, kind.again)];
        }),
      );
    return fc.tuple(one, one);
  });

describe("the fabric's pieces", () => {
  it("a change from one set to another ends where the other alone would", () => {
    fc.assert(
      fc.property(sets, ([before, after]) => {
        assert.deepEqual(
          [...run(scriptBetween(before, after), stateOf(before))].sort(),
          [...stateOf(after)].sort(),
        );
      }),
    );
  });

  it("no change is no script", () => {
    fc.assert(
      fc.property(sets, ([before]) => {
        assert.equal(scriptBetween(before, [...before].reverse()), "");
      }),
    );
  });

  it("makes networks before cables and cables before routes, and takes away the other way round", () => {
    const pieces = [
      piece("a", 0, "route", false),
      piece("b", 0, "cable", false),
      piece("c", 0, "network", false),
    ];
    assert.equal(scriptBetween([], pieces), "set -e\nadd c 0\nadd b 0\nadd a 0\n");
    assert.equal(scriptBetween(pieces, []), "set -e\ndel a\ndel b\ndel c\n");
  });

  it("runs one process for neighbouring lines of one namespace", () => {
    const up = [{ ip: "link set lo up", in: "n" }, { ip: "link set x up", in: "n" }, { ip: "netns add m" }];
    assert.equal(
      scriptBetween([], [{ key: "k", stage: "network", up, down: [] }]),
      "set -e\nip -n n -batch - <<'BATCH'\nlink set lo up\nlink set x up\nBATCH\nip -batch - <<'BATCH'\nnetns add m\nBATCH\n",
    );
  });

  it("goes on after a failure when it undoes", () => {
    const up = [{ ip: "netns add m" }];
    const undone = scriptBetween([{ key: "k", stage: "network", up: [], down: up }], [], "go on");
    assert.equal(undone, "ip -force -batch - <<'BATCH'\nnetns add m\nBATCH\n");
  });
});
