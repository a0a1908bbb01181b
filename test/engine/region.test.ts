import assert from "node:assert/strict";
import { stackProgram } from "../../stacks/program";
import { samplePlan } from "../components/sample-plan";
import { type Engine, startEngine } from "./engine";

describe("a region's stack on the real engine", function () {
  this.timeout(180_000);
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up", async () => {
    const plan = samplePlan(["use1"]);
    const stack = await engine.stack("acme.region-use1", stackProgram(plan, "acme.region-use1", { protect: false }));
    const made = await stack.up();
    assert.equal(made.summary.result, "succeeded");
    console.log(made.stdout);
  });
});
