import assert from "node:assert/strict";
import { lateMs, notMeasured, sideBySideLateMs } from "../../tools/stalls.mjs";

describe("what was measured while the machine stood still", () => {
  const file = { file: "a.test.ts", began: 1000, ended: 9000, failures: 1 };
  for (const { what, files, stalls, again } of [
    {
      what: "a failure beside a stall is no measurement",
      files: [file],
      stalls: [{ at: 5000, ms: 900 }],
      again: [900],
    },
    {
      what: "the longest stall is told",
      files: [file],
      stalls: [
        { at: 2000, ms: 400 },
        { at: 5000, ms: 900 },
      ],
      again: [900],
    },
    {
      what: "a stall that reaches into it counts",
      files: [file],
      stalls: [{ at: 9500, ms: 900 }],
      again: [900],
    },
    { what: "a failure without a stall is one", files: [file], stalls: [], again: [] },
    {
      what: "a stall before it or after it is another's",
      files: [file],
      stalls: [
        { at: 900, ms: 500 },
        { at: 12_000, ms: 900 },
      ],
      again: [],
    },
    { what: "a short stall is none", files: [file], stalls: [{ at: 5000, ms: lateMs }], again: [] },
    {
      what: "what passed, passed",
      files: [{ ...file, failures: 0 }],
      stalls: [{ at: 5000, ms: 900 }],
      again: [],
    },
  ])
    it(what, () =>
      assert.deepEqual(
        notMeasured(files, stalls).map(({ worst }) => worst),
        again,
      ),
    );

  it("beside another file, a delay that the other makes is no standing still", () => {
    const of = (ms: number) => notMeasured([file], [{ at: 5000, ms }], sideBySideLateMs).length;
    assert.deepEqual([of(900), of(1100)], [0, 1]);
  });
});
