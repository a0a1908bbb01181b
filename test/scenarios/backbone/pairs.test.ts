import assert from "node:assert/strict";
import { type Backbone, bringsUp, two } from "./backbone";
import { changes } from "./changes";
import { losesByTheCommand } from "./losses";
import { holds } from "./pair";
import { provesEachFact } from "./proofs";

/** One bring-up serves them all: each leaves the fleet whole, with every proof passing. */
describe("two regions with pairs of gateways, on the real engine and real daemons", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  const started = () => backbone;
  bringsUp(two, (up) => (backbone = up));

  it("come up, and every proof passes", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  describe("what is proven", () => provesEachFact(started));
  describe("trunkline verify --failover", () => losesByTheCommand(started));
  describe("a pair", () => holds(started));
  describe("when the fleet changes", () => changes(started));
});
