import assert from "node:assert/strict";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { samplePlan } from "../components/sample-plan";
import { type Engine, startEngine } from "./engine";

describe("a fleet of two regions on the real engine", function () {
  this.timeout(300_000);
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());
  const plan = samplePlan(["euw1", "use1"]);

  for (const { name } of stackGraph(plan))
    it(`${name} comes up`, async () => {
      const stack = await engine.stack(name, stackProgram(plan, name, { protect: false }));
      const made = await stack.up();
      assert.equal(made.summary.result, "succeeded");
    });
});
