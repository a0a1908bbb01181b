import assert from "node:assert/strict";
import { planText } from "../../../automation/cli/plan-text";
import { samplePlan } from "../../components/sample-plan";

describe("the text of a plan", () => {
  const plan = samplePlan(["apne1", "euw1", "use1"]);

  it("says of each region how many routes its route service is told of", () => {
    const [, , head = "", ...rows] = planText(plan, []).split("\n");
    assert.match(head, /^region +cloud +networks +ASN +route service +mode +gateways$/);
    for (const [index, { name }] of plan.regions.entries())
      assert.match(rows[index] ?? "", new RegExp(`^${name} .* 2 routes +active-active +${name}-a `));
  });

  it("and for how many networks, where prefixes stand for several", () => {
    const merged = {
      ...plan,
      regions: plan.regions.map((region) => ({
        ...region,
        routeService: { ...region.routeService, announced: ["10.0.0.0/8"] },
      })),
    };
    assert.match(planText(merged, []), /^use1 .* 1 route for 2 +active-active +use1-a /m);
  });

  it("says of each region whether one of its gateways stands by, and how the first is preferred", () => {
    const standby = {
      ...plan,
      regions: plan.regions.map((region) =>
        region.name === "use1"
          ? { ...region, ha: "active-standby" as const, preference: "prepend" as const }
          : region,
      ),
    };
    assert.match(planText(standby, []), /^use1 .* active-standby \(prepend\) +use1-a .* use1-b /m);
    assert.match(planText(standby, []), /^euw1 .* active-active +euw1-a /m);
  });
});
