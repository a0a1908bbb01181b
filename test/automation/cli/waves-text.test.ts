import assert from "node:assert/strict";
import { wavesReport, wavesText } from "../../../automation/cli/waves-text";
import { samplePlan } from "../../components/sample-plan";

const rollout = { canary: "euw1", parallel: 4, failuresTolerated: 0, soakSeconds: 600, gates: [] };
const plan = samplePlan(["apse2", "euw1", "use1"]);
/** The plan, but the gateways of one region are of another size: its machines and releases change. */
const resized = (name: string) => ({
  ...plan,
  regions: plan.regions.map((region) =>
    region.name === name
      ? { ...region, gateways: region.gateways.map((gateway) => ({ ...gateway, size: "c7g.large" })) }
      : region,
  ),
});

describe("the waves of a plan, for a person", () => {
  it("say what stands in each, and what is waited for", () => {
    assert.deepEqual(wavesText(wavesReport(plan, rollout, undefined)).split("\n"), [
      "Fleet acme: 7 stacks in 4 waves, 4 at once; nothing new starts after the first that fails.",
      "",
      "wave  what         stacks                          of        then",
      "1     canary       region-euw1                     1 stack",
      "2     preparation  region-apse2 region-use1 trust  3 stacks",
      "3     canary       fabric-euw1                     1 stack   600 s",
      "4     regions      fabric-use1 fabric-apse2        2 stacks",
    ]);
  });

  it("say what changes since another plan, and that a canary that is as it was shows nothing", () => {
    const changes = (name: string) =>
      wavesText(wavesReport(resized(name), rollout, plan))
        .split("\n")
        .slice(2);
    assert.deepEqual(changes("euw1"), [
      "wave  what         stacks that change  of        then",
      "1     canary       region-euw1         1 stack",
      "2     preparation  nothing             3 stacks",
      "3     canary       fabric-euw1         1 stack   600 s",
      "4     regions      nothing             2 stacks",
    ]);
    assert.match(changes("use1").at(-1) ?? "", /^The canary has nothing to do: /);
    assert.doesNotMatch(wavesText(wavesReport(plan, rollout, plan)), /The canary has nothing/);
  });
});
