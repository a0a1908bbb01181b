import assert from "node:assert/strict";
import { planNetwork, type NetworkSpec } from "../../../components/aws/network.plan";

const good: NetworkSpec = {
  cloudRegion: "us-east-1",
  cidrs: ["10.10.0.0/16"],
  subnets: [
    { name: "gateway-a", role: "gateway", zone: "a", cidr: "10.10.0.0/28" },
    { name: "workload-a", role: "workload", zone: "a", cidr: "10.10.64.0/18" },
  ],
  managementAllowFrom: ["203.0.113.0/24"],
};
const [gateway, workload] = good.subnets;
const dual = {
  ipv6: { cidr: "fd8a:1b2c::/56", pool: "ipv6pool-ec2-0123456789abcdef0" },
  subnets: good.subnets.map((subnet, index) => ({ ...subnet, ipv6: `fd8a:1b2c:0:${index + 1}::/64` })),
};
const ranges = (count: number) => Array.from({ length: count }, (_, index) => `198.51.100.${index}/32`);

describe("components/aws/network.plan", () => {
  it("routes gateways to the internet, workloads through the gateways, and admits SSH from management only", () => {
    const plan = planNetwork(good);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.subnets.map(({ name, availabilityZone, routes }) => [name, availabilityZone, routes]),
      [
        ["gateway-a", "us-east-1a", "public"],
        ["workload-a", "us-east-1a", "private"],
      ],
    );
    assert.deepEqual(
      plan.value.ingress.map(({ name, cidr, protocol, ports }) => [name, cidr, protocol, ports]),
      [
        ["ssh-203-0-113-0-24", "203.0.113.0/24", "tcp", { from: 22, to: 22 }],
        ["own-10-10-0-0-16", "10.10.0.0/16", "-1", undefined],
      ],
    );
  });

  it("takes an IPv6 block from the pool that it is of, and admits it", () => {
    const plan = planNetwork({ ...good, ...dual });
    assert.ok(plan.ok, JSON.stringify(plan));
    assert.deepEqual(plan.value.ipv6, { cidr: dual.ipv6.cidr, ownPool: dual.ipv6.pool });
    assert.deepEqual(
      plan.value.ingress.map(({ name }) => name),
      ["ssh-203-0-113-0-24", "own-10-10-0-0-16", "own-fd8a-1b2c-56"],
    );
    const ipam = planNetwork({
      ...good,
      ...dual,
      ipv6: { ...dual.ipv6, pool: "ipam-pool-0123456789abcdef0" },
    });
    assert.ok(ipam.ok);
    assert.equal(ipam.value.ipv6?.ipamPool, "ipam-pool-0123456789abcdef0");
  });

  for (const { why, change, path } of [
    { why: "no block", change: { cidrs: [] }, path: "cidrs" },
    { why: "host bits set", change: { cidrs: ["10.10.1.0/16"] }, path: "cidrs[0]" },
    { why: "larger than a VPC may be", change: { cidrs: ["10.0.0.0/8"] }, path: "cidrs[0]" },
    { why: "IPv6", change: { cidrs: ["fd00::/16"] }, path: "cidrs[0]" },
    ...[
      { why: "an IPv6 block too small", cidr: "fd8a:1b2c::/64" },
      { why: "an IPv6 block of a size between", cidr: "fd8a:1b2c::/54" },
      { why: "an IPv6 block with host bits", cidr: "fd8a:1b2c::1/56" },
      { why: "an IPv6 block that is written at length", cidr: "fd8a:1b2c:0:0::/56" },
    ].map(({ why, cidr }) => ({
      why,
      change: { ipv6: { ...dual.ipv6, cidr }, subnets: [gateway, workload] },
      path: "ipv6.cidr",
    })),
    {
      why: "a subnet's IPv6 outside",
      change: { ...dual, subnets: [{ ...gateway, ipv6: "fd8a:1b2d::/64" }] },
      path: "subnets[0].ipv6",
    },
    {
      why: "a subnet's IPv6 too large",
      change: { ...dual, subnets: [{ ...gateway, ipv6: "fd8a:1b2c::/60" }] },
      path: "subnets[0].ipv6",
    },
    {
      why: "two subnets with one IPv6 block",
      change: { ...dual, subnets: dual.subnets.map((subnet) => ({ ...subnet, ipv6: "fd8a:1b2c::/64" })) },
      path: "subnets[1].ipv6",
    },
    {
      why: "a subnet with IPv6 in a network without",
      change: { subnets: [{ ...gateway, ipv6: "fd8a:1b2c::/64" }] },
      path: "subnets[0].ipv6",
    },
    {
      why: "more blocks than the quota",
      change: { cidrs: ["10.10.0.0/16", ...[1, 2, 3, 4, 5].map((n) => `10.${n}.0.0/16`)] },
      path: "cidrs",
    },
    {
      why: "a subnet outside",
      change: { subnets: [{ ...gateway, cidr: "10.11.0.0/28" }] },
      path: "subnets[0].cidr",
    },
    {
      why: "a subnet too small",
      change: { subnets: [{ ...gateway, cidr: "10.10.0.0/29" }] },
      path: "subnets[0].cidr",
    },
    {
      why: "two subnets that overlap",
      change: { subnets: [gateway, { ...workload, cidr: "10.10.0.0/18" }] },
      path: "subnets[1].cidr",
    },
    { why: "nowhere for a gateway", change: { subnets: [workload] }, path: "subnets" },
    { why: "nobody to manage", change: { managementAllowFrom: [] }, path: "managementAllowFrom" },
    {
      why: "SSH from everywhere",
      change: { managementAllowFrom: ["0.0.0.0/0"] },
      path: "managementAllowFrom[0]",
    },
    {
      why: "more rules than a group holds",
      change: { managementAllowFrom: ranges(60) },
      path: "managementAllowFrom",
    },
  ] as { why: string; change: Partial<NetworkSpec>; path: string }[])
    it(`refuses ${why}`, () => {
      const plan = planNetwork({ ...good, ...change });
      assert.ok(!plan.ok);
      assert.deepEqual(
        plan.problems.map((problem) => problem.path),
        [path],
      );
    });

  describe("in a network that is there already", () => {
    const existing: NetworkSpec = {
      ...good,
      subnets: [{ name: "gateway-a", role: "gateway", cidr: "10.10.0.0/28" }],
      existing: { subnets: ["gateway-a"], routeTables: ["apps", "data"] },
    };

    it("makes no subnet, and admits what a new one's gateways are admitted", () => {
      const [old, fresh] = [planNetwork(existing), planNetwork(good)];
      assert.ok(old.ok && fresh.ok);
      assert.deepEqual(old.value.subnets, []);
      assert.deepEqual(old.value.ingress, fresh.value.ingress);
    });

    it("takes as many blocks as the user's VPC has", () => {
      const cidrs = ["10.10.0.0/16", ...[1, 2, 3, 4, 5].map((n) => `10.${n}.0.0/16`)];
      assert.ok(planNetwork({ ...existing, cidrs }).ok);
    });

    for (const { why, change, path } of [
      {
        why: "a workload's subnet",
        change: { subnets: [...existing.subnets, workload] },
        path: "subnets[1].role",
      },
      {
        why: "a subnet without an id",
        change: { existing: { subnets: [], routeTables: ["apps"] } },
        path: "subnets[0].id",
      },
      {
        why: "no route table",
        change: { existing: { subnets: ["gateway-a"], routeTables: [] } },
        path: "existing.routeTables",
      },
      {
        why: "one name for two route tables",
        change: { existing: { subnets: ["gateway-a"], routeTables: ["apps", "apps"] } },
        path: "existing.routeTables[1].name",
      },
    ] as { why: string; change: Partial<NetworkSpec>; path: string }[])
      it(`refuses ${why}`, () => {
        const plan = planNetwork({ ...existing, ...change });
        assert.ok(!plan.ok);
        assert.deepEqual(
          plan.problems.map((problem) => problem.path),
          [path],
        );
      });
  });

  it("refuses a new subnet without a zone", () => {
    const plan = planNetwork({
      ...good,
      subnets: [{ name: "gateway-a", role: "gateway", cidr: "10.10.0.0/28" }],
    });
    assert.ok(!plan.ok);
    assert.deepEqual(
      plan.problems.map(({ path }) => path),
      ["subnets[0].zone"],
    );
  });

  it("reports all problems at once", () => {
    const plan = planNetwork({ ...good, cidrs: ["10.10.1.0/16"], subnets: [], managementAllowFrom: [] });
    assert.ok(!plan.ok);
    assert.deepEqual(
      plan.problems.map(({ path }) => path),
      ["cidrs[0]", "subnets", "managementAllowFrom"],
    );
  });
});
