import assert from "node:assert/strict";
import { type NetworkSpec, planNetwork } from "../../../components/gcp/network.plan";

const spec: NetworkSpec = {
  fleet: "acme",
  region: "euw1",
  cidrs: ["10.20.0.0/16"],
  subnets: [
    { name: "gateways", role: "gateway", cidr: "10.20.0.0/28" },
    { name: "workloads", role: "workload", cidr: "10.20.128.0/17" },
  ],
  managementAllowFrom: ["203.0.113.0/24"],
};

function pathsOf(change: Partial<NetworkSpec>): string[] {
  const plan = planNetwork({ ...spec, ...change });
  return plan.ok ? [] : plan.problems.map(({ path }) => path);
}

describe("components/gcp/network.plan", () => {
  it("admits SSH from management, and the region's own networks; nothing else, and never everybody", () => {
    const plan = planNetwork(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.rules.map(({ sourceRanges, protocol, ports }) => [sourceRanges, protocol, ports]),
      [
        [["203.0.113.0/24"], "tcp", ["22"]],
        [["10.20.0.0/16"], "all", undefined],
      ],
    );
    assert.equal(plan.value.mtu, 1460);
  });

  const [gateways, workloads] = spec.subnets;
  assert.ok(gateways !== undefined && workloads !== undefined);
  for (const { what, change, says } of [
    { what: "no block", change: { cidrs: [] }, says: ["cidrs"] },
    { what: "a block with host bits", change: { cidrs: ["10.20.0.1/16"] }, says: ["cidrs[0]"] },
    { what: "no subnet for gateways", change: { subnets: [workloads] }, says: ["subnets"] },
    {
      what: "a subnet smaller than any",
      change: { subnets: [gateways, { ...workloads, cidr: "10.20.128.0/30" }] },
      says: ["subnets[1].cidr"],
    },
    {
      what: "a subnet outside",
      change: { subnets: [gateways, { ...workloads, cidr: "10.21.0.0/24" }] },
      says: ["subnets[1].cidr"],
    },
    {
      what: "subnets that overlap",
      change: { subnets: [gateways, { ...workloads, cidr: "10.20.0.0/24" }] },
      says: ["subnets[1].cidr"],
    },
    {
      what: "gateways in addresses that a Cloud Router does not speak from",
      change: { cidrs: ["100.64.0.0/16"], subnets: [{ ...gateways, cidr: "100.64.0.0/28" }] },
      says: ["subnets[0].cidr"],
    },
    {
      what: "two subnets of one name",
      change: { subnets: [gateways, { ...workloads, name: "gateways" }] },
      says: ["subnets[1].name"],
    },
    {
      what: "a name that no resource has",
      change: { subnets: [gateways, { ...workloads, name: "Work_loads" }] },
      says: ["subnets[1].name"],
    },
    {
      what: "a name that is too long",
      change: { subnets: [gateways, { ...workloads, name: "w".repeat(60) }] },
      says: ["subnets[1].name"],
    },
    { what: "an MTU that no network has", change: { mtu: 1299 }, says: ["mtu"] },
    { what: "nobody who manages", change: { managementAllowFrom: [] }, says: ["managementAllowFrom"] },
    {
      what: "everybody who manages",
      change: { managementAllowFrom: ["0.0.0.0/0"] },
      says: ["managementAllowFrom[0]"],
    },
    {
      what: "a management range that is none",
      change: { managementAllowFrom: ["office"] },
      says: ["managementAllowFrom[0]"],
    },
  ])
    it(`refuses ${what}`, () => {
      assert.deepEqual(pathsOf(change), says);
    });
});
