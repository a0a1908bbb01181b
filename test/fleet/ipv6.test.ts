import assert from "node:assert/strict";
import { planFleet } from "trunkline/fleet/derive";
import { ofFamily } from "trunkline/fleet/family";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import type { Result } from "trunkline/fleet/problem";
import { waysTo } from "trunkline/fleet/ways";

const pool = "pool: ipam-pool-0123456789abcdef0";
const ipv6 = (words: string) => `, ipv6: { cidr: 'fd8a:1b2c:${words}::/56', ${pool} }`;

function planned(regions: readonly string[], more = ""): Result<Plan> {
  const text = `fleet: acme\n${more}regions:\n${regions.map((line) => `  ${line}\n`).join("")}`;
  const parsed = parseFleet(text, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return planFleet(parsed.value);
}

function planOf(regions: readonly string[], more = ""): Plan {
  const result = planned(regions, more);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const region = (name: string, octet: number, fields = "") =>
  `${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${fields} }`;

describe("IPv6 beside IPv4", () => {
  it("each subnet has a /64 of its own, which stays when gateways come", () => {
    const subnets = (gateways: number) =>
      Object.fromEntries(
        (
          planOf([
            region("use1", 10, `, gateways: ${String(gateways)}${ipv6("3d00")}`),
            region("euw1", 20),
          ]).regions.find(({ name }) => name === "use1")?.network.subnets ?? []
        ).map((subnet) => [subnet.name, subnet.ipv6]),
      );
    assert.deepEqual(subnets(2), {
      "gateway-a": "fd8a:1b2c:3d00::/64",
      "gateway-b": "fd8a:1b2c:3d00:1::/64",
      "workload-a": "fd8a:1b2c:3d00:4::/64",
      "workload-b": "fd8a:1b2c:3d00:5::/64",
    });
    assert.deepEqual(subnets(4), {
      ...subnets(2),
      "gateway-c": "fd8a:1b2c:3d00:2::/64",
      "gateway-d": "fd8a:1b2c:3d00:3::/64",
    });
  });

  it("is told of on every link, and to a network's own routes only where that has IPv6", () => {
    const plan = planOf([
      region("use1", 10, ipv6("3d00")),
      region("euw1", 20, ipv6("3e00")),
      region("apne1", 30),
    ]);
    for (const { from, prefixes } of plan.filters)
      assert.equal(ofFamily("ipv6", prefixes).length, from === "apne1" ? 0 : 1, from);
    assert.deepEqual(
      plan.regions.map(({ name, routeService }) => [name, routeService.announced]),
      [
        ["apne1", ["10.10.0.0/16", "10.20.0.0/16"]],
        ["euw1", ["10.10.0.0/16", "10.30.0.0/16", "fd8a:1b2c:3d00::/56"]],
        ["use1", ["10.20.0.0/16", "10.30.0.0/16", "fd8a:1b2c:3e00::/56"]],
      ],
    );
  });

  it("passes a hub that has none itself", () => {
    const plan = planOf(
      [region("hub", 1), region("use1", 10, ipv6("3d00")), region("euw1", 20, ipv6("3e00"))],
      "topology: hub-and-spoke\nhubs: [hub]\n",
    );
    const told = plan.filters.find(({ from, to }) => from === "hub" && to === "use1")?.prefixes;
    assert.deepEqual(told, ["10.1.0.0/16", "10.20.0.0/16", "fd8a:1b2c:3e00::/56"]);
    assert.deepEqual(waysTo(plan, "euw1").next.get("use1-a"), ["hub-a", "hub-b"]);
  });

  /** A region with IPv6, and others with it or without. */
  const many = (dual: number, others: number) =>
    Array.from({ length: dual + others }, (_, index) =>
      region(`r${String(index)}`, index, index < dual ? ipv6(`${(index + 1).toString(16)}00`) : ""),
    );

  it("takes its part of what a Route Server takes: IPv4 networks are merged to make room", () => {
    const result = planned(many(45, 30));
    assert.ok(result.ok, JSON.stringify(result));
    const [first] = result.value.regions;
    const announced = first?.routeService.announced ?? [];
    assert.equal(ofFamily("ipv6", announced).length, 44);
    assert.equal(announced.length <= 100, true, String(announced.length));
    assert.ok(ofFamily("ipv4", announced).length < 74);
  });

  it("is refused where its networks alone are more than a Route Server takes", () => {
    const result = planned(many(102, 0));
    assert.ok(!result.ok);
    assert.deepEqual(
      [...new Set(result.problems.map(({ code, severity }) => `${severity} ${code}`))].filter((said) =>
        said.startsWith("error"),
      ),
      ["error RouteServerRoutesExceeded"],
    );
  });
});
