import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";

const program = join(__dirname, "holding.py");
const host = join(__dirname, "../../../gateway/host");

function python(words: readonly string[], input = ""): string[] {
  const done = spawnSync("python3", ["-EsB", program, host, ...words], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout.trim().split("\n");
}

/** The second gateway, whose partner holds the address, has just been heard, and is well: what differs is the case. */
const usual = {
  place: 1,
  able: true,
  drained: false,
  says: "carries",
  seconds: 600,
  heard: true,
  holder: 0 as 0 | 1 | "nobody" | null,
  held: 600,
  routes: [0] as readonly (number | null)[],
  lives: false,
  fruitless: 0,
};

interface Case extends Partial<typeof usual> {
  readonly why: string;
  readonly act: "hold" | "take" | "leave";
}

const gone = { says: "is not heard", seconds: 3 };
const cases: readonly Case[] = [
  { why: "the other carries", act: "leave" },
  { why: "it has the address and the routes", holder: 1, routes: [1], act: "hold" },
  { why: "it has the address, and routes lead elsewhere", holder: 1, routes: [0], act: "take" },
  { why: "it has the address, and a route leads to nobody", holder: 1, routes: [1, null], act: "take" },
  {
    why: "it has the address, is drained, and nobody has taken it",
    holder: 1,
    routes: [1],
    drained: true,
    act: "hold",
  },
  { why: "the first is back, and the second carries", place: 0, holder: 1, routes: [1], act: "leave" },
  { why: "where the address is, is not known", holder: null, ...gone, seconds: 600, act: "leave" },
  { why: "the other is drained", says: "is drained", seconds: 0, act: "take" },
  { why: "the other is drained, and this one is, too", says: "is drained", drained: true, act: "leave" },
  { why: "the other is drained, and here no daemon answers", says: "is drained", able: false, act: "leave" },
  { why: "the other has been gone for long enough", ...gone, act: "take" },
  { why: "the other has been gone for a moment", ...gone, seconds: 2.9, act: "leave" },
  {
    why: "it has just started, and has not heard the other yet",
    ...gone,
    seconds: 59,
    heard: false,
    act: "leave",
  },
  { why: "it has not heard the other for a minute", ...gone, seconds: 60, heard: false, act: "take" },
  { why: "who moved it since it was heard lives", ...gone, seconds: 9999, lives: true, act: "leave" },
  { why: "the other has lost its tunnels for a moment", says: "cannot carry", seconds: 29, act: "leave" },
  { why: "the other has lost its tunnels for good", says: "cannot carry", seconds: 30, act: "take" },
  {
    why: "the other has only just taken it, and has no tunnel yet",
    says: "cannot carry",
    held: 1,
    act: "leave",
  },
  { why: "a move has not helped", says: "cannot carry", seconds: 59, fruitless: 1, act: "leave" },
  { why: "a move has not helped, long ago", says: "cannot carry", seconds: 60, fruitless: 1, act: "take" },
  { why: "moves never help", says: "cannot carry", seconds: 959, fruitless: 40, act: "leave" },
  {
    why: "nobody has it, and it is the first",
    place: 0,
    holder: "nobody",
    says: "cannot carry",
    seconds: 0,
    act: "take",
  },
  {
    why: "nobody has it, and it is the second",
    holder: "nobody",
    says: "cannot carry",
    seconds: 0,
    act: "leave",
  },
  { why: "nobody has it, and the first is gone", holder: "nobody", ...gone, act: "take" },
];

const lifeSchema = z.array(
  z.object({
    event: z.string(),
    before: z.union([z.int(), z.literal("nobody")]),
    holder: z.union([z.int(), z.literal("nobody")]),
    routes: z.int(),
    moves: z.array(z.object({ by: z.int(), fit: z.boolean() })),
    doubles: z.int(),
    fit: z.array(z.int()),
    cut: z.boolean(),
    peers: z.boolean(),
  }),
);

describe("who takes the address that a pair shares", () => {
  it("one decision for each thing that a gateway may see", () => {
    const said = python(
      ["decide"],
      cases.map((seen) => `${JSON.stringify({ ...usual, ...seen })}\n`).join(""),
    ).map((line) => z.tuple([z.string(), z.string()]).parse(JSON.parse(line)));
    assert.deepEqual(
      said.map(([act], index) => `${cases[index]?.why ?? ""}: ${act}`),
      cases.map(({ why, act }) => `${why}: ${act}`),
    );
  });

  it("in random lives: never two that hold, and it moves only to who is fit, once, and not without need", function () {
    let served = 0;
    for (const [seed, line] of python(["life", "100"]).entries()) {
      let everCut = false;
      let quiet = true;
      for (const { event, before, holder, routes, moves, doubles, fit, cut, peers } of lifeSchema.parse(
        JSON.parse(line),
      )) {
        const at = `seed ${String(seed)}, ${event}: ${JSON.stringify({ before, holder, moves, fit, cut, peers })}`;
        assert.equal(doubles, 0, at);
        assert.ok(
          moves.every((move) => move.fit),
          at,
        );
        // Twice the time after each that did not help: 2, 4, 8, 16 and 32 s of 80.
        assert.ok(moves.length <= 6, at);
        // A split moves it once at most.
        if (event === "cut") assert.ok(moves.length <= (before === "nobody" ? 2 : 1), at);
        everCut ||= cut;
        quiet &&= peers;
        if (everCut) continue;
        // Whoever has it and can use it keeps it, whoever comes, goes or comes back.
        if (peers && typeof before === "number" && fit.includes(before)) assert.deepEqual(moves, [], at);
        if (!quiet || fit.length === 0) continue;
        assert.ok(typeof holder === "number" && fit.includes(holder), at);
        assert.equal(routes, holder, at);
        served += 1;
      }
    }
    assert.ok(served > 100, String(served));
  });
});
