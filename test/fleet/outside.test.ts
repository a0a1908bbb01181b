import assert from "node:assert/strict";
import { planText } from "../../automation/cli/plan-text";
import { planFleet } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan, PlannedSubnet } from "../../fleet/plan";

function planOf(...lines: readonly string[]): Plan {
  const parsed = parseFleet(`fleet: acme\n${lines.map((line) => `${line}\n`).join("")}`, "fleet.yaml");
  assert.ok(parsed.ok);
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

const region = (name: string, octet: number, fields = "") =>
  `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${fields} }`;
const global = ", ipv6: { cidr: '3fff:1b2c:3d00::/56', pool: ipam-pool-0123456789abcdef0 }";
const subnetsOf = (plan: Plan, pick: (subnet: PlannedSubnet) => unknown) =>
  Object.fromEntries((plan.regions[0]?.network.subnets ?? []).map((subnet) => [subnet.name, pick(subnet)]));

describe("what regions speak to each other over", () => {
  const plan = planOf(
    "regions:",
    region("use1", 10, ", outside: ipv6"),
    region("euw1", 20, ", outside: ipv6"),
    region("apne1", 30),
  );

  it("is IPv6 where both ends have it, else IPv4, and IPv4 within a pair", () => {
    assert.deepEqual(
      plan.links.map(({ id, tunnels }) => [id, [...new Set(tunnels.map(({ outside }) => outside))]]),
      [
        ["apne1~euw1", ["ipv4"]],
        ["apne1~use1", ["ipv4"]],
        ["euw1~use1", ["ipv6"]],
      ],
    );
    for (const { pairTunnels } of plan.regions)
      for (const { outside, mtu } of pairTunnels) assert.deepEqual([outside, mtu], ["ipv4", 1438]);
  });

  it("may be the fleet's default, and a region's own choice beside it", () => {
    const { regions } = planOf(
      "defaults: { outside: ipv6 }",
      "regions:",
      region("use1", 10),
      region("apne1", 30, ", outside: ipv4"),
    );
    assert.deepEqual(
      regions.map(({ name, outside }) => [name, outside]),
      [
        ["apne1", "ipv4"],
        ["use1", "ipv6"],
      ],
    );
  });

  it("stands in the plan's text, with where the addresses come from", () => {
    const text = planText(plan, []);
    assert.match(text, /^link +tunnels +outside +IKE/m);
    assert.match(text, /^euw1~use1 +4 +IPv6 .* 1370$/m);
    assert.match(text, /^apne1~use1 +4 +IPv4 .* 1390$/m);
    assert.match(text, /^use1: gateways speak over IPv6 .* of a block that Amazon gives the network;/m);
    assert.doesNotMatch(text, /^apne1: gateways speak/m);
  });

  it("goes together with each way in which a network finds its gateways", () => {
    for (const routes of ["service", "agent", "transit-gateway"])
      assert.equal(
        planOf("regions:", region("use1", 10, `, outside: ipv6, routes: ${routes}`)).regions[0]?.outside,
        "ipv6",
      );
  });

  it("takes gateways' subnets alone out of a block that Amazon chooses, each its own for good", () => {
    const places = (gateways: number) =>
      subnetsOf(
        planOf("regions:", region("use1", 10, `, outside: ipv6, gateways: ${String(gateways)}`)),
        ({ ipv6, ipv6Place }) => [ipv6, ipv6Place],
      );
    const none = [undefined, undefined];
    const two = { "gateway-a": [undefined, 0], "gateway-b": [undefined, 1] };
    assert.deepEqual(places(2), { ...two, "workload-a": none, "workload-b": none });
    assert.deepEqual(places(4), {
      ...two,
      "gateway-c": [undefined, 2],
      "gateway-d": [undefined, 3],
      "workload-a": none,
      "workload-b": none,
    });
  });

  it("uses the region's own global network where there is one", () => {
    const own = planOf("regions:", region("use1", 10, `, outside: ipv6${global}`));
    assert.deepEqual(
      subnetsOf(own, ({ ipv6, ipv6Place }) => [ipv6, ipv6Place]),
      {
        "gateway-a": ["3fff:1b2c:3d00::/64", undefined],
        "gateway-b": ["3fff:1b2c:3d00:1::/64", undefined],
        "workload-a": ["3fff:1b2c:3d00:4::/64", undefined],
        "workload-b": ["3fff:1b2c:3d00:5::/64", undefined],
      },
    );
    assert.match(planText(own, []), /with addresses of 3fff:1b2c:3d00::\/56;/);
  });
});
