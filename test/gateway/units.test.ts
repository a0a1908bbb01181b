import assert from "node:assert/strict";
import { previewFacts } from "../../gateway/preview";
import { renderRelease } from "../../gateway/render";
import { samplePlan, withAgent } from "../components/sample-plan";
import { exposure } from "./exposure";

describe("services of a release", () => {
  it("have each a number above which they are not exposed", () => {
    const plan = withAgent(samplePlan(["euw1", "use1"]), "use1");
    const { files } = renderRelease(plan, "use1-a", previewFacts(plan, "use1-a"));
    const services = Object.keys(files).flatMap(
      (path) => /^\/etc\/systemd\/system\/([^/]+\.service)(\.d\/[^/]+\.conf)?$/.exec(path)?.[1] ?? [],
    );
    assert.deepEqual([...new Set(services)].sort(), Object.keys(exposure).sort());
  });
});
