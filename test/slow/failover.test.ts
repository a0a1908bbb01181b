import { losses } from "../../automation/verify/failover.plan";
import { LossLab } from "../scenarios/backbone/losses";

/** Needs what `npm test` sets up for the lab. */
describe("every gateway of two regions loses everything, one thing after the other", function () {
  this.timeout(1_800_000);
  let fleet: LossLab;
  before(async () => {
    fleet = await LossLab.start(["euw1", "use1"]);
  });
  after(() => fleet.end());

  it("and traffic goes on, and comes back", async () => {
    const gateways = ["euw1-a", "euw1-b", "use1-a", "use1-b"];
    const expected = gateways.flatMap((gateway) => losses.map((loss) => `${gateway}/${loss}`));
    for (const line of await fleet.lose(["--failover"], expected)) console.log(`      ${line}`);
  });
});
