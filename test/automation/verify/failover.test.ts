import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeFailover } from "../../../automation/verify/failover";

const marks = { count: 200, everyMs: 50, longestGapSeconds: 5 };

/** `ping -D`'s lines for the numbers that were answered. */
function answers(numbers: readonly number[]): string {
  return numbers
    .map(
      (sequence) =>
        `[1700000000.1] 64 bytes from 10.20.64.10: icmp_seq=${String(sequence)} ttl=61 time=1.2 ms`,
    )
    .join("\n");
}

const all = Array.from({ length: marks.count }, (_, index) => index + 1);

describe("the loss of a gateway, counted", () => {
  const judge = (numbers: readonly number[]) =>
    judgeFailover("use1-a", "use1", "euw1", answers(numbers), marks);

  it("holds while the silence is short, and says how many were lost", () => {
    const { status, observed } = judge(all.filter((number) => number < 50 || number >= 70));
    assert.equal(status, "pass");
    assert.equal(observed, "20 of 200 lost, longest silence 1.00 s");
  });

  it("fails when nothing answers, when the silence is long, when it never comes back", () => {
    assert.equal(judge([]).status, "fail");
    assert.equal(judge(all.filter((number) => number < 50 || number >= 155)).status, "fail");
    assert.equal(judge(all.filter((number) => number < 170)).status, "fail");
  });

  it("counts as a naive counter does, whatever the order and however often an answer came", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: marks.count })), (numbers) => {
        const lost = all.filter((number) => !numbers.includes(number));
        let silence = 0;
        let longest = 0;
        for (const number of all) {
          silence = lost.includes(number) ? silence + 1 : 0;
          longest = Math.max(longest, silence);
        }
        const { observed } = judge(numbers);
        assert.ok(
          observed.startsWith(
            `${String(lost.length)} of 200 lost, longest silence ${((longest * marks.everyMs) / 1000).toFixed(2)} s`,
          ),
          observed,
        );
      }),
    );
  });
});
