import assert from "node:assert/strict";
import { z } from "zod";
import { gatewayStatus } from "trunkline/gateway/status";
import { stepped } from "./stepped";

const saidSchema = gatewayStatus.shape.cloudRoutes
  .unwrap()
  .unwrap()
  .and(z.object({ replaced: z.int() }));

/** What `use1-b` says after each of these: seconds that pass, sessions that change, what the cloud does. */
const told = (steps: readonly object[]) => stepped("mover.py", steps, saidSchema);

describe("the program that moves routes", () => {
  it("stands by while its partner carries", () => {
    const [said] = told([{ seconds: 5 }]);
    assert.deepEqual(
      [said?.act, said?.why, said?.holders, said?.partners, said?.replaced],
      ["leave", "use1-a goes before it and carries", ["use1-a"], { "use1-a": "carries" }, 0],
    );
  });

  it("takes the routes when the partner is drained: LOCAL_PREF 0, or no route any more", () => {
    for (const word of [{ prefixes: 1, preference: 0 }, { prefixes: 0 }]) {
      const [, said] = told([{ seconds: 5 }, { "fd00::a": word }]);
      assert.deepEqual(
        [said?.act, said?.holders, said?.moves, said?.replaced],
        ["hold", ["use1-b"], 1, 2],
        JSON.stringify(word),
      );
    }
  });

  it("takes them after three seconds when the partner is not heard, and once only", () => {
    const gone = { "fd00::a": { prefixes: 0, state: "Idle" } };
    const [, first, late, after] = told([{ seconds: 5 }, gone, { seconds: 3 }, { seconds: 30 }]);
    assert.deepEqual([first?.act, first?.replaced], ["leave", 0]);
    assert.deepEqual([late?.act, late?.holders, late?.replaced], ["hold", ["use1-b"], 2]);
    assert.deepEqual([after?.act, after?.replaced], ["hold", 2]);
  });

  it("takes nothing when it has lost its own sessions", () => {
    const lost = { prefixes: 0, state: "Active" };
    const [said] = told([{ "fd00::1": lost, "fd00::2": lost, "fd00::a": lost, seconds: 30 }]);
    assert.deepEqual([said?.act, said?.why, said?.replaced], ["leave", "it has no way to other regions", 0]);
  });

  it("says what the API does not do, and tries again later each time", () => {
    const drained = { "fd00::a": { prefixes: 0 } };
    const [failing, back] = told([
      { fails: true, ...drained, seconds: 5 },
      { fails: false, seconds: 20 },
    ]);
    assert.equal(failing?.failed?.error, "EC2 refuses DescribeRouteTables: RequestLimitExceeded");
    assert.deepEqual(failing?.holders, []);
    assert.deepEqual([back?.act, back?.failed, back?.replaced], ["hold", null, 2]);
  });

  it("leaves to the engine what a table has not yet, or no more", () => {
    const [said] = told([{ remove: "10.30.0.0/16", "fd00::a": { prefixes: 0 }, seconds: 5 }]);
    assert.deepEqual([said?.act, said?.replaced], ["hold", 1]);
  });
});
