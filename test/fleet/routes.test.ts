import assert from "node:assert/strict";
import { routesFacts } from "trunkline/fleet/aws/limits";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import type { Fleet } from "trunkline/fleet/fleet";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import type { RoutesChoice } from "trunkline/fleet/routes";
import { planText } from "../../automation/cli/plan-text";

/** A fleet in which `r0` finds its gateways as chosen. */
function fleetOf(choice: RoutesChoice, lines: readonly string[]): Fleet {
  const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("\n")}\n`, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const regions = parsed.value.regions.map((region) =>
    region.name === "r0" ? { ...region, routes: choice } : region,
  );
  return { ...parsed.value, regions };
}

const networks = (count: number, second: (index: number) => string, first = "") =>
  Array.from(
    { length: count },
    (_, index) =>
      `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: ${second(index)}.0.0/16${index === 0 ? first : ""} }`,
  );
const side = (index: number) => `10.${String(index + 1)}`;
/** No two side by side, and between them addresses of the internet. */
const apart = (index: number) => `11.${String(2 * index)}`;
const serviceOf = ({ regions }: Plan, name: string) =>
  regions.find((region) => region.name === name)?.routeService;

describe("how a region's network finds its gateways", () => {
  it("by a Route Server unless the fleet file says otherwise", () => {
    const plan = derivePlan(fleetOf("service", networks(2, side)));
    assert.equal(serviceOf(plan, "r0")?.kind, "service");
    assert.equal(serviceOf(plan, "r0")?.endpoints.length, 2);
  });

  it("by static routes that gateways move: no endpoint, and no change anywhere else", () => {
    const [service, agent] = (["service", "agent"] as const).map((choice) =>
      derivePlan(fleetOf(choice, networks(3, side))),
    );
    assert.ok(service !== undefined && agent !== undefined);
    assert.deepEqual(serviceOf(agent, "r0"), {
      kind: "agent",
      endpoints: [],
      announced: ["10.2.0.0/16", "10.3.0.0/16"],
      facts: routesFacts("agent", 0),
    });
    const others = ({ regions, ...rest }: Plan) => ({
      ...rest,
      regions: regions.map((region) =>
        region.name === "r0" ? { ...region, routeService: undefined } : region,
      ),
    });
    assert.deepEqual(others(agent), others(service));
  });

  it("costs by month what is published for it", () => {
    // AWS, "Amazon VPC pricing": 0.75 an endpoint and hour, of which a month has 730.
    assert.equal(routesFacts("service", 2).dollarsPerMonth, 1095);
    assert.equal(routesFacts("agent", 0).dollarsPerMonth, 0);
  });

  it("plan says of each region what it costs and how long its failover takes", () => {
    const text = planText(derivePlan(fleetOf("agent", networks(2, side))), []);
    assert.match(
      text,
      /^r0: routes: agent, the gateways move static routes themselves: \$0 a month \(published: .*\); when a gateway is lost, its network sends by another gateway after 5 to 8 s \(by its timers, .* not published\)\.$/m,
    );
    assert.match(
      text,
      /^r1: routes: service, a VPC Route Server with 2 endpoints: \$1,095 a month \(published: .*\); when a gateway is lost, its network sends by another gateway after 5 to 7 s \(published: /m,
    );
  });

  it("plan says that nothing takes over from one gateway", () => {
    const fleet = fleetOf("agent", networks(2, side, ", gateways: 1"));
    assert.match(
      planText(derivePlan(fleet), []),
      /^r0: .* there is one gateway, so that nothing takes over\.$/m,
    );
    const planned = planFleet(fleet);
    assert.ok(planned.ok);
    assert.deepEqual(planned.warnings.map(({ code, path }) => `${code} ${path}`).sort(), [
      "AgentAlone regions.r0",
      "SingleGateway regions.r0",
    ]);
  });

  it("49 routes fit into a table, which takes 50 with the one to the internet", () => {
    const planned = planFleet(fleetOf("agent", networks(50, apart)));
    assert.ok(planned.ok, JSON.stringify(planned).slice(0, 500));
    assert.equal(serviceOf(planned.value, "r0")?.announced.length, 49);
  });

  it("50 networks that cannot be merged are refused, with what to do", () => {
    const planned = planFleet(fleetOf("agent", networks(51, apart)));
    assert.ok(!planned.ok);
    const found = planned.problems.filter(({ code }) => code === "RouteTableRoutesExceeded");
    assert.deepEqual(
      found.map(({ path }) => path),
      ["regions.r0"],
    );
    assert.match(
      found[0]?.message ?? "",
      /would hold 50 networks, by 50 prefixes at the least; AWS takes 49\./,
    );
    assert.match(found[0]?.remedy ?? "", /`routes: service`/);
  });

  it("more networks are merged, and what takes addresses of nobody is said", () => {
    const planned = planFleet(
      fleetOf(
        "agent",
        networks(70, (index) => `10.${String(2 * index)}`),
      ),
    );
    assert.ok(planned.ok, JSON.stringify(planned).slice(0, 500));
    assert.ok((serviceOf(planned.value, "r0")?.announced.length ?? 99) <= 49);
    assert.ok(planned.warnings.some(({ code }) => code === "RouteTableCoversOthers"));
  });
});
