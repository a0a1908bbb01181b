import assert from "node:assert/strict";
import {
  checkExistingNetwork,
  type ExistingNetworkClaim,
  type ExistingNetworkFacts,
  internetGatewayOf,
} from "../../../components/aws/existing-network.plan";

const claim: ExistingNetworkClaim = {
  networkId: "vpc-1",
  cidrs: ["10.10.0.0/16"],
  subnets: [
    { name: "gateway-a", id: "subnet-a", cidr: "10.10.0.0/28" },
    { name: "gateway-b", id: "subnet-b", cidr: "10.10.1.0/28" },
  ],
  routeTables: [{ name: "apps", id: "rtb-apps" }],
};
const routes = [{ cidr: "0.0.0.0/0", gatewayId: "igw-1" }];
const a = {
  networkId: "vpc-1",
  cidr: "10.10.0.0/28",
  availabilityZone: "us-east-1a",
  routeTableId: "rtb-out",
  routes,
};
const b = {
  networkId: "vpc-1",
  cidr: "10.10.1.0/28",
  availabilityZone: "us-east-1b",
  routeTableId: "rtb-out",
  routes,
};
const facts: ExistingNetworkFacts = {
  blocks: ["10.10.0.0/15"],
  subnets: { "subnet-a": a, "subnet-b": b },
  routeTables: { "rtb-apps": "vpc-1" },
};

describe("components/aws/existing-network.plan", () => {
  it("has nothing to say of a network that is as said, and finds its internet gateway", () => {
    assert.deepEqual(checkExistingNetwork(claim, facts), []);
    assert.equal(internetGatewayOf(facts), "igw-1");
  });

  for (const { why, change, says } of [
    {
      why: "a block that the VPC does not have",
      change: { blocks: ["10.10.0.0/17"] },
      says: ["cidrs[0]: 10.10.0.0/16 lies outside of vpc-1, which has 10.10.0.0/17."],
    },
    {
      why: "a subnet of another VPC, of which nothing else is said",
      change: { subnets: { "subnet-a": { ...a, networkId: "vpc-2", cidr: "10.9.0.0/28" }, "subnet-b": b } },
      says: ["subnets[0].id: subnet-a belongs to vpc-2, not to vpc-1."],
    },
    {
      why: "two subnets mixed up",
      change: { subnets: { "subnet-a": { ...b, availabilityZone: "us-east-1a" }, "subnet-b": a } },
      says: [
        "subnets[0].cidr: subnet-a has the network 10.10.1.0/28, not 10.10.0.0/28.",
        "subnets[1].cidr: subnet-b has the network 10.10.0.0/28, not 10.10.1.0/28.",
        "subnets: All gateways' subnets lie in us-east-1a, and would be lost together.",
      ],
    },
    {
      why: "a private subnet",
      change: { subnets: { "subnet-a": { ...a, routes: [] }, "subnet-b": b } },
      says: [
        "subnets[0].id: subnet-a is not routed to the internet, so that no peer could reach its gateway.",
      ],
    },
    {
      why: "a subnet behind a NAT gateway, whose route has no gateway id",
      change: {
        subnets: { "subnet-a": a, "subnet-b": { ...b, routes: [{ cidr: "0.0.0.0/0", gatewayId: "" }] } },
      },
      says: [
        "subnets[1].id: subnet-b is not routed to the internet, so that no peer could reach its gateway.",
      ],
    },
    {
      why: "a subnet behind a VPN gateway",
      change: {
        subnets: { "subnet-a": a, "subnet-b": { ...b, routes: [{ cidr: "0.0.0.0/0", gatewayId: "vgw-1" }] } },
      },
      says: [
        "subnets[1].id: subnet-b is not routed to the internet, so that no peer could reach its gateway.",
      ],
    },
    {
      why: "one zone for both",
      change: { subnets: { "subnet-a": a, "subnet-b": { ...b, availabilityZone: "us-east-1a" } } },
      says: ["subnets: All gateways' subnets lie in us-east-1a, and would be lost together."],
    },
    {
      why: "a route table of another VPC",
      change: { routeTables: { "rtb-apps": "vpc-2" } },
      says: ["existing.routeTables[0].id: rtb-apps belongs to vpc-2, not to vpc-1."],
    },
  ] as { why: string; change: Partial<ExistingNetworkFacts>; says: string[] }[])
    it(`refuses ${why}`, () => {
      const problems = checkExistingNetwork(claim, { ...facts, ...change });
      assert.deepEqual(
        problems.map(({ path, message }) => `${path}: ${message}`),
        says,
      );
    });

  it("one gateway alone may lie in any zone", () => {
    const alone = { ...claim, subnets: claim.subnets.slice(0, 1) };
    assert.deepEqual(checkExistingNetwork(alone, facts), []);
  });

  describe("whose gateways need routes of their own", () => {
    const needy = { ...claim, gatewayRoutes: true };
    const said = (change: Partial<ExistingNetworkClaim>, other: Partial<ExistingNetworkFacts> = {}) =>
      checkExistingNetwork({ ...needy, ...change }, { ...facts, ...other }).map(
        ({ path, message }) => `${path}: ${message}`,
      );
    const named = [...claim.routeTables, { name: "out", id: "rtb-out" }];
    const owners = { "rtb-apps": "vpc-1", "rtb-out": "vpc-1" };

    it("is refused while their table is not among those that may take routes", () => {
      assert.deepEqual(said({}), [
        "subnets[0].id: subnet-a needs a route to the transit gateway, and its table rtb-out is not among the route tables.",
        "subnets[1].id: subnet-b needs a route to the transit gateway, and its table rtb-out is not among the route tables.",
      ]);
    });

    it("is taken with it", () => {
      assert.deepEqual(said({ routeTables: named }, { routeTables: owners }), []);
    });

    it("is refused where two of three subnets lie in one zone", () => {
      const c = { ...b, cidr: "10.10.2.0/28" };
      assert.deepEqual(
        said(
          {
            routeTables: named,
            subnets: [...claim.subnets, { name: "gateway-c", id: "subnet-c", cidr: "10.10.2.0/28" }],
          },
          { routeTables: owners, subnets: { ...facts.subnets, "subnet-c": c } },
        ),
        [
          "subnets[2].id: subnet-c lies in us-east-1b as another gateway's subnet does, and the transit gateway takes one of a zone.",
        ],
      );
    });
  });
});
