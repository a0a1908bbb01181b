import assert from "node:assert/strict";
import type { GatewayStatus } from "trunkline/gateway/status";
import { statusText } from "../../automation/status-text";
import { samplePlan } from "../components/sample-plan";
import { healthyFleet } from "./verify/healthy";

describe("gateways' status, a line each", () => {
  let status: GatewayStatus;
  before(async () => {
    const found = (await healthyFleet(samplePlan(["euw1", "use1"]))).statuses.get("use1-a");
    assert.ok(found !== undefined);
    status = found;
  });
  const routes = { act: "hold", why: "", partners: {}, moves: 0, movedAt: null } as const;

  it("says nothing of routes that a route service looks after", () => {
    assert.match(statusText({ "use1-a": status }), /^use1-a {2}release \S+ {2}IKE SAs \d\/\d {2}BGP \d\/\d$/);
  });

  it("says whom routes lead to that gateways move", () => {
    const cloudRoutes = { ...routes, holders: ["use1-b"], failed: null };
    assert.match(
      statusText({ "use1-a": { ...status, cloudRoutes, drained: ["operator"] } }),
      / {2}routes lead to use1-b {2}drained \(operator\)$/,
    );
  });

  it("says who holds the address of a pair that shares one", () => {
    const cloudRoutes = { ...routes, holders: ["use1-a"], failed: null };
    const text = (here: boolean) =>
      statusText({
        "use1-a": { ...status, cloudRoutes: { ...cloudRoutes, address: { holder: "use1-a", here } } },
      });
    assert.match(text(true), / {2}routes lead to use1-a {2}holds the pair's address$/);
    assert.match(text(false), / {2}routes lead to use1-a$/);
  });

  it("says what the cloud's API does not do", () => {
    const failed = { error: "ec2.us-east-1.amazonaws.com cannot be reached (OSError)", since: 0 };
    const text = statusText({ "use1-a": { ...status, cloudRoutes: { ...routes, holders: [], failed } } });
    assert.match(
      text,
      / {2}routes unknown \(ec2\.us-east-1\.amazonaws\.com cannot be reached \(OSError\)\)$/,
    );
  });

  it("has the same columns for names of every length", () => {
    const lines = statusText({ "apne1-a": status, "euw1-a": { ...status, neighbours: [] } }).split("\n");
    for (const word of ["release", "IKE SAs", "BGP"])
      assert.equal(new Set(lines.map((line) => line.indexOf(word))).size, 1, lines.join("\n"));
  });
});
