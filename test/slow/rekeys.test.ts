import { Backbone, planOf } from "../scenarios/backbone/backbone";
import { rekeyed } from "../scenarios/backbone/rekeys";

/** Needs what `npm test` sets up for the lab. */
describe("two minutes of rekeys at 1,000 packets a second", function () {
  this.timeout(900_000);
  let backbone: Backbone;
  before(async () => {
    backbone = await Backbone.start(planOf(["use1", "euw1"]));
  });
  after(() => backbone.end());

  it("of every IKE and child SA, every few seconds: nothing is lost", async () => {
    const end = Date.now() + 120_000;
    await rekeyed(backbone, () => Date.now() > end);
  });
});
