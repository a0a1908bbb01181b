import assert from "node:assert/strict";
import { movesRoutes } from "./agent";
import { type Backbone, bringsUp, kinds } from "./backbone";
import { sharesAddress } from "./moved";
import { followedByTransitGateway } from "./transit-gateway";

/** One bring-up serves them all: each leaves the fleet whole, with every proof passing. */
describe("regions whose networks find their gateways each in another way", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  const started = () => backbone;
  bringsUp(kinds, (up) => (backbone = up));

  it("come up, and every proof passes", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  describe("gateways that move their network's routes", () => movesRoutes(started));
  describe("a transit gateway that follows them", () => followedByTransitGateway(started));
  describe("a pair that shares an address", () => sharesAddress(started));
});
