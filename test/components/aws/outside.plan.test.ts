import assert from "node:assert/strict";
import { subnet64 } from "../../../components/block";
import { planNetwork, type NetworkSpec } from "../../../components/aws/network.plan";

const good: NetworkSpec = {
  cloudRegion: "us-east-1",
  cidrs: ["10.10.0.0/16"],
  outsideIpv6: true,
  subnets: [
    { name: "gateway-a", role: "gateway", zone: "a", cidr: "10.10.0.0/28", ipv6Place: 0 },
    { name: "gateway-b", role: "gateway", zone: "b", cidr: "10.10.64.0/28", ipv6Place: 1 },
    { name: "workload-a", role: "workload", zone: "a", cidr: "10.10.128.0/18" },
  ],
  managementAllowFrom: ["203.0.113.0/24"],
};
const [a, b, workload] = good.subnets;
const own = {
  ipv6: { cidr: "3fff:1b2c::/56", pool: "ipam-pool-0123456789abcdef0" },
  subnets: [
    { ...a, ipv6Place: undefined, ipv6: "3fff:1b2c::/64" },
    { ...b, ipv6Place: undefined, ipv6: "3fff:1b2c:0:1::/64" },
  ],
};

describe("components/aws/outside.plan", () => {
  it("takes a network with a block of Amazon's, and one with a global block of its own", () => {
    for (const change of [{}, own]) {
      const plan = planNetwork({ ...good, ...change } as NetworkSpec);
      assert.ok(plan.ok, JSON.stringify(plan));
      // Peers come with rules of their own.
      assert.deepEqual(
        plan.value.ingress.filter(({ cidr }) => cidr === "::/0"),
        [],
      );
    }
  });

  for (const { why, change, path } of [
    {
      why: "a network that is there already",
      change: {
        subnets: [{ name: "gateway-a", role: "gateway", cidr: "10.10.0.0/28", ipv6Place: 0 }],
        existing: { subnets: ["gateway-a"], routeTables: ["apps"] },
      },
      path: "outsideIpv6",
    },
    {
      why: "a unique local block",
      change: {
        ipv6: { ...own.ipv6, cidr: "fd8a:1b2c::/56" },
        subnets: [{ ...a, ipv6Place: undefined, ipv6: "fd8a:1b2c::/64" }],
      },
      path: "ipv6.cidr",
    },
    {
      why: "a gateway without a place",
      change: { subnets: [a, { ...b, ipv6Place: undefined }] },
      path: "subnets[1].ipv6Place",
    },
    {
      why: "a gateway without a /64 of the own block",
      change: { ...own, subnets: [own.subnets[0], { ...b, ipv6Place: undefined }] },
      path: "subnets[1].ipv6",
    },
    {
      why: "a place where the block is known",
      change: { ...own, subnets: [...own.subnets, { ...workload, ipv6Place: 2 }] },
      path: "subnets[2].ipv6Place",
    },
    {
      why: "a place where gateways speak IPv4",
      change: { outsideIpv6: false, subnets: [{ ...a }, { ...b, ipv6Place: undefined }] },
      path: "subnets[0].ipv6Place",
    },
    {
      why: "a place beyond a /56",
      change: { subnets: [{ ...a, ipv6Place: 256 }] },
      path: "subnets[0].ipv6Place",
    },
    { why: "half a place", change: { subnets: [{ ...a, ipv6Place: 0.5 }] }, path: "subnets[0].ipv6Place" },
    {
      why: "one place for two subnets",
      change: { subnets: [a, { ...b, ipv6Place: 0 }] },
      path: "subnets[1].ipv6Place",
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
});

describe("components/block", () => {
  for (const [block, place, subnet] of [
    ["2001:db8:12:3400::/56", 0, "2001:db8:12:3400::/64"],
    ["2001:db8:12:3400::/56", 255, "2001:db8:12:34ff::/64"],
    ["2001:db8::/44", 65_536, "2001:db8:1::/64"],
  ] as const)
    it(`the /64 of ${block} in place ${String(place)} is ${subnet}`, () =>
      assert.equal(subnet64(block, place), subnet));

  for (const [block, place] of [
    ["2001:db8:12:3400::/56", 256],
    ["2001:db8:12:3400::/56", -1],
    ["", 0],
  ] as const)
    it(`"${block}" has none in place ${String(place)}`, () =>
      assert.throws(() => subnet64(block, place), /has no \/64 in place/));
});
