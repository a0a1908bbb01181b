import assert from "node:assert/strict";
import type { GatewayNeighbour, GatewayStatus } from "trunkline/gateway/status";
import { judgeBgp, judgePrefixes } from "../../../automation/verify/judge-gateways";
import { judgeTransit } from "../../../automation/verify/judge-transit";
import { samplePlan, withTransitGateway } from "../../components/sample-plan";
import { healthyFleet } from "./healthy";

const plan = withTransitGateway(samplePlan(["euw1", "use1"]), "use1");
const [one, other] = ["169.254.100.2", "169.254.100.3"] as const;

async function judged(change: (neighbour: GatewayNeighbour) => GatewayNeighbour, of = plan) {
  const statuses = new Map<string, GatewayStatus>((await healthyFleet(of)).statuses);
  const status = statuses.get("use1-a");
  assert.ok(status !== undefined);
  statuses.set("use1-a", { ...status, neighbours: status.neighbours.map(change) });
  return judgeTransit(of, statuses).map(({ id, status: verdict }) => `${id} ${verdict}`);
}
const whole = ["bgp", "prefixes"].flatMap((kind) =>
  ["a", "b"].map((letter) => `${kind}/use1-${letter}~transit-gateway pass`),
);

describe("a region's gateways and its transit gateway", () => {
  for (const { why, change, fails } of [
    { why: "all is as planned", change: {}, fails: [] },
    { why: "one of two sessions is down", change: { [other]: { state: "Active" } }, fails: ["bgp"] },
    { why: "a network is not told of", change: { [one]: { sent: [] } }, fails: ["prefixes"] },
    {
      why: "something is taken from it",
      change: { [one]: { received: ["10.9.0.0/16"] } },
      fails: ["prefixes"],
    },
  ] as const)
    it(`${why}: ${fails.join() || "nothing"} fails`, async () => {
      const changes: Readonly<Record<string, object>> = change;
      assert.deepEqual(
        await judged((neighbour) => ({ ...neighbour, ...changes[neighbour.address] })),
        whole.map((text) =>
          fails.some((kind) => text.startsWith(`${kind}/use1-a`)) ? text.replace("pass", "fail") : text,
        ),
      );
    });

  it("nothing fails, where another region has IPv6: it is told of IPv4 alone", async () => {
    const filters = plan.filters.map((filter) =>
      filter.to === "use1" ? { ...filter, prefixes: [...filter.prefixes, "fd8a:1b2c:3d00::/56"] } : filter,
    );
    assert.deepEqual(await judged((neighbour) => neighbour, { ...plan, filters }), whole);
  });

  it("no session with a route service is asked of them, and nothing of regions elsewhere", async () => {
    const { statuses, endpoints } = await healthyFleet(plan);
    const subjects = [judgeBgp, judgePrefixes].flatMap((judge) =>
      judge(plan, statuses, endpoints)
        .map(({ subject }) => subject)
        .filter((subject) => subject.includes("use1") && subject.endsWith("~route-service")),
    );
    assert.deepEqual(subjects, []);
    assert.ok(judgeTransit(plan, statuses).every(({ subject }) => subject.startsWith("use1-")));
  });
});
