import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";

const program = join(__dirname, "takeover.py");
const host = join(__dirname, "../../../gateway/host");

function python(words: readonly string[], input = ""): string {
  const done = spawnSync("python3", ["-EsB", program, host, ...words], { input, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

interface Case {
  readonly why: string;
  readonly place: number;
  readonly holders: readonly (number | null)[];
  readonly partners: Readonly<Record<number, readonly [string, number]>>;
  readonly act: "hold" | "take" | "leave";
  readonly carries?: boolean;
  readonly whole?: boolean;
  readonly drained?: boolean;
  readonly lives?: readonly number[];
}

const carries = ["carries", 60] as const;
const cannot = ["cannot carry", 0] as const;
const gone = ["is not heard", 3] as const;

const cases: readonly Case[] = [
  { why: "the first holds what it has", place: 0, holders: [0], partners: { 1: carries }, act: "hold" },
  { why: "the second stands by", place: 1, holders: [0], partners: { 0: carries }, act: "leave" },
  { why: "the first says that it cannot", place: 1, holders: [0], partners: { 0: cannot }, act: "take" },
  {
    why: "the first has been gone for long enough",
    place: 1,
    holders: [0],
    partners: { 0: gone },
    act: "take",
  },
  {
    why: "the first has been gone for a moment",
    place: 1,
    holders: [0],
    partners: { 0: ["is not heard", 2.9] },
    act: "leave",
  },
  {
    why: "it has lost its own ways",
    place: 1,
    holders: [0],
    partners: { 0: gone },
    carries: false,
    act: "leave",
  },
  {
    why: "it is drained itself",
    place: 1,
    holders: [0],
    partners: { 0: cannot },
    drained: true,
    act: "leave",
  },
  { why: "the tables are not known", place: 1, holders: [], partners: { 0: cannot }, act: "leave" },
  { why: "the first is back and whole", place: 0, holders: [1], partners: { 1: carries }, act: "take" },
  {
    why: "the first is back in part",
    place: 0,
    holders: [1],
    partners: { 1: carries },
    whole: false,
    act: "leave",
  },
  {
    why: "the first is back and drained",
    place: 0,
    holders: [1],
    partners: { 1: carries },
    drained: true,
    act: "leave",
  },
  {
    why: "the second cannot, so the first takes what it can carry",
    place: 0,
    holders: [1],
    partners: { 1: cannot },
    whole: false,
    act: "take",
  },
  {
    why: "who moved routes since it was heard lives",
    place: 0,
    holders: [1],
    partners: { 1: ["is not heard", 600] },
    lives: [1],
    act: "leave",
  },
  { why: "a route leads to nobody", place: 0, holders: [0, null], partners: { 1: carries }, act: "take" },
  { why: "half of the routes lead here", place: 0, holders: [0, 1], partners: { 1: carries }, act: "take" },
  {
    why: "the third waits for the second",
    place: 2,
    holders: [0],
    partners: { 0: gone, 1: carries },
    act: "leave",
  },
  { why: "the third is the last", place: 2, holders: [0], partners: { 0: gone, 1: cannot }, act: "take" },
];

const lifeSchema = z.array(
  z.object({
    event: z.string(),
    moves: z.array(z.object({ by: z.int(), able: z.boolean() })),
    doubles: z.int(),
    table: z.int(),
    able: z.array(z.int()),
    whole: z.array(z.int()),
    cut: z.int(),
  }),
);

describe("who takes the network's routes", () => {
  it("one decision for each thing that a gateway may see", () => {
    const asked = cases.map((seen) =>
      JSON.stringify({ carries: true, whole: true, drained: false, ...seen }),
    );
    const said = python(["decide"], `${asked.join("\n")}\n`)
      .trim()
      .split("\n")
      .map((line) => z.tuple([z.string(), z.string()]).parse(JSON.parse(line)));
    assert.deepEqual(
      said.map(([act], index) => `${cases[index]?.why ?? ""}: ${act}`),
      cases.map(({ why, act }) => `${why}: ${act}`),
    );
  });

  const lives = function* () {
    for (const count of [2, 3])
      for (const [seed, line] of python(["life", "200", String(count)])
        .trim()
        .split("\n")
        .entries())
        yield {
          name: `${String(count)} gateways, seed ${String(seed)}`,
          told: lifeSchema.parse(JSON.parse(line)),
        };
  };

  it("in random lives: never two that hold, nobody takes who cannot carry, and nothing flaps", function () {
    for (const { name, told } of lives()) {
      let everCut = false;
      for (const { event, moves, doubles, able, whole, table, cut } of told) {
        const at = `${name}, ${event}: ${JSON.stringify(moves)}`;
        assert.equal(doubles, 0, at);
        assert.ok(
          moves.every((move) => move.able),
          at,
        );
        assert.ok(moves.length <= 1, at);
        everCut ||= cut > 0;
        // While all hear each other, and always have: who carries has the routes, the first that is whole before others.
        if (everCut) continue;
        if (able.length > 0) assert.ok(able.includes(table), `${at}: ${String(table)} of ${able.join()}`);
        const [first] = able;
        if (first !== undefined && whole.includes(first)) assert.equal(table, first, at);
      }
    }
  });
});
