import assert from "node:assert/strict";
import { planFleet } from "../../fleet/derive";
import { detectionSeconds } from "../../fleet/liveness";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { previewFacts } from "../../gateway/preview";
import { renderRelease } from "../../gateway/render";

function planWith(use1: string, defaults = ""): Plan {
  const parsed = parseFleet(
    `fleet: acme
${defaults}
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16${use1} }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

function frrOf(plan: Plan, gateway: string): string {
  return renderRelease(plan, gateway, previewFacts(plan, gateway)).files["/etc/frr/frr.conf"] ?? "";
}

describe("how often gateways ask whether a peer is there", () => {
  it("is every 300 ms, and a loss is noticed in 0.9 s", () => {
    const plan = planWith("");
    assert.equal(detectionSeconds(plan), 0.9);
    assert.match(frrOf(plan, "use1-a"), /\nbfd\n profile sessions\n exit\n !\nexit\n/);
  });

  it("is what a region says, for its own gateways; two ends keep to the slower one", () => {
    const plan = planWith(", bfdMilliseconds: 1000");
    assert.equal(detectionSeconds(plan), 3);
    assert.match(
      frrOf(plan, "use1-b"),
      /\n profile sessions\n  transmit-interval 1000\n  receive-interval 1000\n exit\n/,
    );
    assert.doesNotMatch(frrOf(plan, "euw1-a"), /interval/);
  });

  it("is what the defaults say where a region says nothing", () => {
    const plan = planWith(", bfdMilliseconds: 500", "defaults: { bfdMilliseconds: 2000 }");
    assert.deepEqual(
      plan.regions.map(({ bfdMilliseconds }) => bfdMilliseconds),
      [2000, 500],
    );
  });

  it("holds for every session that has BFD: tunnels, and the network's route service", () => {
    const frr = frrOf(planWith(", bfdMilliseconds: 1000"), "use1-a");
    const speak = [...frr.matchAll(/^ neighbor (\S+) bfd$/gm)].map(([, address]) => address);
    assert.equal(speak.length, 4);
    for (const address of speak)
      assert.ok(
        frr.includes(` neighbor ${address ?? ""} bfd\n neighbor ${address ?? ""} bfd profile sessions\n`),
      );
  });
});
