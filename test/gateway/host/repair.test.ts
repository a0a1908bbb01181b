import assert from "node:assert/strict";
import { z } from "zod";
import { stepped } from "./stepped";

const said = z.object({ told: z.array(z.string()), questions: z.int(), asked: z.int() });

interface Step {
  readonly seconds?: number;
  /** Whether the partner answers. */
  readonly answering?: boolean;
  /** Best ways, and whom they are from. */
  readonly ways?: Readonly<Record<string, "external" | "internal">>;
  /** What FRR tells: a reload takes away what its file does not have. */
  readonly networks?: readonly string[];
  /** What an earlier run of the program left told. */
  readonly told?: readonly string[];
  readonly upSeconds?: number;
  readonly refuses?: boolean;
}

/** What the route service is told after each step. */
const steps = (...all: readonly Step[]) => stepped("repair.py", all, said);
const told = (...all: readonly Step[]) => steps(...all).map((step) => step.told);
const ten = ["10.10.0.0/17", "10.10.128.0/17"];
const all = [...ten, "10.32.0.0/15", "10.34.0.0/15"];
const gone: Step = { answering: false, seconds: 2 };

describe("the program that repairs a route service's routes", () => {
  it("tells nothing and asks FRR nothing while its partner answers", () => {
    const [quiet] = steps({ seconds: 60 });
    assert.deepEqual([quiet?.told, quiet?.questions], [[], 0]);
    assert.ok((quiet?.asked ?? 0) >= 200, String(quiet?.asked));
  });

  it("tells both halves of each network within a second and a little of silence", () => {
    assert.deepEqual(told({ seconds: 5 }, { answering: false, seconds: 0.7 }, { seconds: 0.4 }), [
      [],
      [],
      all,
    ]);
  });

  it("one answer that is lost is no silence", () => {
    assert.deepEqual(
      told({ seconds: 5 }, { answering: false, seconds: 0.5 }, { answering: true, seconds: 2 }),
      [[], [], []],
    );
  });

  it("tells of no network that it has no way to itself, and of a prefix for one of what it stands for", () => {
    assert.deepEqual(told({ ways: { "10.10.0.0/16": "internal" }, ...gone }), [[]]);
    assert.deepEqual(told({ ways: { "10.10.0.0/16": "external" }, ...gone }), [ten]);
    assert.deepEqual(told({ ways: { "10.35.0.0/16": "external" }, ...gone }), [all.slice(2)]);
  });

  it("withdraws what it has no way to any more, and tells it again", () => {
    const none = { ways: {}, seconds: 1.5 };
    const again = { ways: { "10.10.0.0/16": "external" as const }, seconds: 1.5 };
    assert.deepEqual(told(gone, none, again), [all, [], ten]);
  });

  it("goes on until BGP with the partner has been up for three seconds", () => {
    const back = { answering: true, seconds: 30, upSeconds: 0 };
    assert.deepEqual(told(gone, back, { upSeconds: 3, seconds: 1.5 }), [all, all, []]);
  });

  it("tells again what a reload of FRR took away", () => {
    assert.deepEqual(told(gone, { networks: [], seconds: 1.5 }), [all, all]);
  });

  it("tries again when FRR does not take it", () => {
    assert.deepEqual(told({ ...gone, refuses: true }, { refuses: false, seconds: 1.5 }), [[], all]);
  });

  it("started again, it knows what it told, and withdraws it when its partner is there", () => {
    assert.deepEqual(told({ told: ten, seconds: 5 }), [[]]);
  });
});
