import assert from "node:assert/strict";
import { derivePlan } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { previewFacts } from "../../gateway/preview";
import { renderRelease } from "../../gateway/render";
import { samplePlan, withAgent } from "../components/sample-plan";
import { exposure } from "./exposure";

function withIpv6(): Plan {
  const ipv6 = '{ cidr: "fd8a:1b2c:3d00::/56", pool: ipam-pool-0123456789abcdef0 }';
  const region = `{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ipv6: ${ipv6} }`;
  const parsed = parseFleet(`fleet: acme\nregions:\n  use1: ${region}\n`, "fleet.yaml");
  assert.ok(parsed.ok);
  return derivePlan(parsed.value);
}

function onGoogleCloud(): Plan {
  const text =
    "fleet: acme\nregions:\n  use1: { cloud: gcp, region: us-east1, cidr: 10.10.0.0/16 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\n";
  const parsed = parseFleet(text, "fleet.yaml");
  assert.ok(parsed.ok);
  return derivePlan(parsed.value);
}

describe("services of a release", () => {
  it("have each a number above which they are not exposed", () => {
    const plans = [withAgent(samplePlan(["euw1", "use1"]), "use1"), withIpv6(), onGoogleCloud()];
    const files = plans.flatMap((plan) =>
      Object.keys(renderRelease(plan, "use1-a", previewFacts(plan, "use1-a")).files),
    );
    const services = files.flatMap(
      (path) => /^\/etc\/systemd\/system\/([^/]+\.service)(\.d\/[^/]+\.conf)?$/.exec(path)?.[1] ?? [],
    );
    assert.deepEqual([...new Set(services)].sort(), Object.keys(exposure).sort());
  });
});
