import assert from "node:assert/strict";
import { type NetworkSpec, planNetwork, priorities } from "../../../components/azure/network.plan";

const spec: NetworkSpec = {
  fleet: "acme",
  region: "weu",
  cidrs: ["10.30.0.0/16"],
  subnets: [
    { name: "gateways", role: "gateway", cidr: "10.30.0.0/28" },
    { name: "RouteServerSubnet", role: "route-service", cidr: "10.30.0.64/26" },
    { name: "workloads", role: "workload", cidr: "10.30.128.0/17" },
  ],
  managementAllowFrom: ["203.0.113.0/24"],
};

function pathsOf(change: Partial<NetworkSpec>): string[] {
  const plan = planNetwork({ ...spec, ...change });
  return plan.ok ? [] : plan.problems.map(({ path }) => path);
}

describe("components/azure/network.plan", () => {
  it("admits SSH from management, and the region's own networks; refuses all else that Azure would admit", () => {
    const plan = planNetwork(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.map(({ access, direction, protocol, sources, destinations, ports }) => [
        `${access} ${direction}`,
        protocol,
        sources,
        destinations,
        ports,
      ]),
      [
        ["Allow Inbound", "Tcp", ["203.0.113.0/24"], ["*"], ["22"]],
        ["Allow Inbound", "*", ["10.30.0.0/16"], ["*"], ["*"]],
        ["Deny Inbound", "*", ["*"], ["*"], ["*"]],
        ["Allow Outbound", "*", ["*"], ["10.30.0.0/16"], ["*"]],
      ],
    );
  });

  it("gives every rule a priority of its own, and refuses last", () => {
    const plan = planNetwork(spec);
    assert.ok(plan.ok);
    const inbound = [
      ...plan.value.filter(({ direction }) => direction === "Inbound").map(({ priority }) => priority),
      priorities.peers,
    ];
    assert.equal(new Set(inbound).size, inbound.length);
    assert.equal(Math.max(...inbound), plan.value.find(({ access }) => access === "Deny")?.priority);
    // Microsoft Learn, "Azure network security groups overview": 100 to 4096.
    for (const { priority } of plan.value) assert.ok(priority >= 100 && priority <= 4096);
  });

  const [gateways, routeServer, workloads] = spec.subnets;
  assert.ok(gateways !== undefined && routeServer !== undefined && workloads !== undefined);
  for (const { what, change, says } of [
    { what: "nothing, of what is right", change: {}, says: [] },
    { what: "no block", change: { cidrs: [] }, says: ["cidrs"] },
    { what: "a block with host bits", change: { cidrs: ["10.30.0.1/16"] }, says: ["cidrs[0]"] },
    {
      what: "a block with Azure's own address",
      change: { cidrs: ["10.30.0.0/16", "168.63.0.0/16"] },
      says: ["cidrs[1]"],
    },
    { what: "no subnet for gateways", change: { subnets: [routeServer, workloads] }, says: ["subnets"] },
    { what: "no subnet for the Route Server", change: { subnets: [gateways, workloads] }, says: ["subnets"] },
    {
      what: "a Route Server's subnet of another name",
      change: { subnets: [gateways, { ...routeServer, name: "routes" }] },
      says: ["subnets[1].name"],
    },
    {
      what: "workloads where a Route Server would live",
      change: { subnets: [gateways, routeServer, { ...workloads, name: "RouteServerSubnet" }] },
      says: ["subnets[2].name", "subnets[2].name"],
    },
    {
      what: "a Route Server's subnet that is too small",
      change: { subnets: [gateways, { ...routeServer, cidr: "10.30.0.64/27" }] },
      says: ["subnets[1].cidr"],
    },
    {
      what: "a subnet smaller than any",
      change: { subnets: [gateways, routeServer, { ...workloads, cidr: "10.30.128.0/30" }] },
      says: ["subnets[2].cidr"],
    },
    {
      what: "a subnet outside",
      change: { subnets: [gateways, routeServer, { ...workloads, cidr: "10.31.0.0/24" }] },
      says: ["subnets[2].cidr"],
    },
    {
      what: "subnets that overlap",
      change: { subnets: [gateways, routeServer, { ...workloads, cidr: "10.30.0.0/24" }] },
      says: ["subnets[2].cidr"],
    },
    { what: "a name that Azure does not take", change: { fleet: "x".repeat(60) }, says: ["fleet"] },
    { what: "nobody who may manage", change: { managementAllowFrom: [] }, says: ["managementAllowFrom"] },
    {
      what: "management from everywhere",
      change: { managementAllowFrom: ["0.0.0.0/0"] },
      says: ["managementAllowFrom[0]"],
    },
  ])
    it(`refuses ${what}`, () => assert.deepEqual(pathsOf(change), says));

  describe("a network that is there already", () => {
    const [first, second] = [
      { ...gateways, given: true },
      { ...routeServer, given: true },
    ];
    const existing = { existing: true, subnets: [first, second] };

    it("has the same rules for its gateways as a new one", () =>
      assert.deepEqual(planNetwork({ ...spec, ...existing }), planNetwork(spec)));

    for (const { what, change, says } of [
      { what: "a subnet without an id", change: { subnets: [gateways, second] }, says: ["subnets[0].id"] },
      {
        what: "workloads' subnets",
        change: { subnets: [first, second, { ...workloads, given: true }] },
        says: ["subnets[2].role"],
      },
      { what: "no Route Server's subnet", change: { subnets: [first] }, says: ["subnets"] },
      {
        what: "an id in a new network",
        change: { existing: false, subnets: [first, routeServer, workloads] },
        says: ["subnets[0].id"],
      },
    ])
      it(`refuses ${what}`, () => assert.deepEqual(pathsOf({ ...existing, ...change }), says));
  });
});
