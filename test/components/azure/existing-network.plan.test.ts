import assert from "node:assert/strict";
import {
  checkExistingNetwork,
  type ExistingNetworkClaim,
  type ExistingNetworkFacts,
  placesIn,
  type SubnetFacts,
} from "../../../components/azure/existing-network.plan";

const inShop =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network";
const shop = `${inShop}/virtualNetworks/shop`;
const [edge, home] = [`${shop}/subnets/edge`, `${shop}/subnets/RouteServerSubnet`];
const own =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/ACME-WEU/providers/Microsoft.Network";

const claim: ExistingNetworkClaim = {
  networkId: shop,
  cloudRegion: "westeurope",
  resourceGroupName: "acme-weu",
  cidrs: ["10.30.0.0/16"],
  subnets: [
    { name: "gateways", role: "gateway", id: edge, cidr: "10.30.0.0/28" },
    { name: "RouteServerSubnet", role: "route-service", id: home, cidr: "10.30.0.64/26" },
  ],
};
const gateways: SubnetFacts = { cidrs: ["10.30.0.0/28"], delegations: [], users: [] };
const routeServer: SubnetFacts = { cidrs: ["10.30.0.64/26"], delegations: [], users: [] };
const facts: ExistingNetworkFacts = {
  id: shop,
  location: "westeurope",
  blocks: ["10.30.0.0/16", "10.31.0.0/16"],
  subnets: { [edge]: gateways, [home]: routeServer },
};
const withGateways = (change: Partial<SubnetFacts>): ExistingNetworkFacts => ({
  ...facts,
  subnets: { ...facts.subnets, [edge]: { ...gateways, ...change } },
});
const withRouteServer = (change: Partial<SubnetFacts>): ExistingNetworkFacts => ({
  ...facts,
  subnets: { ...facts.subnets, [home]: { ...routeServer, ...change } },
});
const route = (prefix: string, nextHop: string): ExistingNetworkFacts =>
  withGateways({
    routeTable: { id: `${inShop}/routeTables/out`, routes: [{ name: "one", prefix, nextHop }] },
  });

describe("components/azure/existing-network.plan", () => {
  it("asks for names that the ids say, in whatever letters", () => {
    const places = placesIn({
      ...claim,
      subnets: claim.subnets.map((subnet) => ({
        ...subnet,
        id: subnet.id.replace("resourceGroups/shop", "resourcegroups/SHOP"),
      })),
    });
    assert.ok(places.ok);
    const { resourceGroupName, virtualNetworkName, subnets } = places.value;
    assert.deepEqual(
      [resourceGroupName, virtualNetworkName, ...subnets.map(({ subnetName }) => subnetName)],
      ["shop", "shop", "edge", "RouteServerSubnet"],
    );
  });

  for (const { what, change, says } of [
    { what: "a network by its name", change: { networkId: "shop" }, says: ["existing.networkId"] },
    { what: "a subnet's id for the network's", change: { networkId: edge }, says: ["existing.networkId"] },
    {
      what: "a network in the group that the region makes for itself",
      change: { resourceGroupName: "SHOP" },
      says: ["existing.networkId"],
    },
    {
      what: "subnets of another network",
      change: { networkId: `${shop}2` },
      says: ["subnets[0].id", "subnets[1].id"],
    },
    {
      what: "a Route Server's subnet of another name",
      change: { subnets: claim.subnets.map((subnet) => ({ ...subnet, id: edge })) },
      says: ["subnets[1].id"],
    },
  ])
    it(`refuses ${what} before Azure is asked`, () => {
      const places = placesIn({ ...claim, ...change });
      assert.ok(!places.ok);
      assert.deepEqual(
        places.problems.map(({ path }) => path),
        says,
      );
    });

  for (const { what, there } of [
    { what: "what is there as it was said", there: facts },
    { what: "the network's id in other letters", there: { ...facts, id: shop.toUpperCase() } },
    { what: "the region by the name that people read", there: { ...facts, location: "West Europe" } },
    {
      what: "a subnet of several prefixes, one of them as said",
      there: withGateways({ cidrs: ["10.31.0.0/24", "10.30.0.0/28"] }),
    },
    {
      what: "what is ours, made by an earlier run, whose group Azure shows in upper case",
      there: {
        ...facts,
        subnets: {
          [edge]: {
            ...gateways,
            users: [`${own}/networkInterfaces/acme-weu-a-interface/ipConfigurations/inside`],
          },
          [home]: {
            ...routeServer,
            users: [`${own}/virtualHubs/acme-weu-route-server/ipConfigurations/instances`],
          },
        },
      },
    },
    {
      what: "a security group of the gateways' subnet, which is the user's to say",
      there: withGateways({ securityGroupId: `${inShop}/networkSecurityGroups/all` }),
    },
    {
      what: "what Azure may show in the Route Server's subnet of its own instances",
      there: withRouteServer({
        users: ["/subscriptions/9/resourceGroups/hidden/…/virtualMachineScaleSets/rs/0"],
      }),
    },
    { what: "a route table with the way to the internet", there: route("0.0.0.0/0", "Internet") },
    {
      what: "a wide route that the network's own routes win over",
      there: route("10.0.0.0/8", "VirtualAppliance"),
    },
    { what: "a firewall in front of workloads", there: route("10.30.128.0/17", "VirtualAppliance") },
    { what: "the network's own block within the network", there: route("10.30.0.0/16", "VnetLocal") },
    { what: "a service's tag", there: route("Storage", "VirtualAppliance") },
  ])
    it(`takes ${what}`, () => assert.deepEqual(checkExistingNetwork(claim, there), []));

  for (const { why, there, says } of [
    {
      why: "another subscription's network of the same name",
      there: { ...facts, id: shop.replace("1111", "9999") },
      says: [/^existing\.networkId: The credentials see \/subscriptions\/9999/],
    },
    {
      why: "a network of another region",
      there: { ...facts, location: "northeurope" },
      says: [/^cloudRegion: .* lies in northeurope, not in westeurope\./],
    },
    {
      why: "networks that the address space does not have",
      there: { ...facts, blocks: ["10.31.0.0/16"] },
      says: [/^cidrs\[0\]: 10\.30\.0\.0\/16 lies outside of .*, which has 10\.31\.0\.0\/16\./],
    },
    {
      why: "another prefix of the gateways' subnet",
      there: withGateways({ cidrs: ["10.30.1.0/24"] }),
      says: [/^subnets\[0\]\.cidr: .*\/edge has the network 10\.30\.1\.0\/24, not 10\.30\.0\.0\/28\./],
    },
    {
      why: "another prefix of the Route Server's subnet",
      there: withRouteServer({ cidrs: ["10.30.0.64/27"] }),
      says: [/^subnets\[1\]\.cidr: .* has the network 10\.30\.0\.64\/27/],
    },
    {
      why: "a delegation of the gateways' subnet",
      there: withGateways({ delegations: ["Microsoft.Sql/managedInstances"] }),
      says: [/^subnets\[0\]\.id: .* is delegated to Microsoft\.Sql\/managedInstances/],
    },
    {
      why: "a delegation of the Route Server's subnet",
      there: withRouteServer({ delegations: ["Microsoft.Web/serverFarms"] }),
      says: [/^subnets\[1\]\.id: .* is delegated to Microsoft\.Web\/serverFarms/],
    },
    {
      why: "a security group and a route table in the Route Server's subnet",
      there: withRouteServer({ securityGroupId: "nsg", routeTable: { id: "table", routes: [] } }),
      says: [/^subnets\[1\]\.id: .* has the network security group nsg and the route table table/],
    },
    {
      why: "a Route Server that is there already",
      there: withRouteServer({ users: [`${inShop}/virtualHubs/shop/ipConfigurations/default`] }),
      says: [/^subnets\[1\]\.id: .* holds a Route Server already, .*virtualHubs\/shop/],
    },
    {
      why: "machines among the gateways, also of a group whose name begins as ours",
      there: withGateways({
        users: [
          `${own.replace("ACME-WEU", "acme-weu2")}/networkInterfaces/web/ipConfigurations/a`,
          `${inShop}/networkInterfaces/db/ipConfigurations/a`,
          `${own}/networkInterfaces/acme-weu-a-interface/ipConfigurations/inside`,
        ],
      }),
      says: [/^subnets\[0\]\.id: .* holds something else, .*acme-weu2\/.* and 1 more/],
    },
    {
      why: "a NAT gateway in front of the gateways",
      there: withGateways({ natGatewayId: "nat" }),
      says: [/^subnets\[0\]\.id: .* has the NAT gateway nat/],
    },
    ...["0.0.0.0/0", "128.0.0.0/1", "96.0.0.0/6"].flatMap((prefix) =>
      ["VirtualAppliance", "VirtualNetworkGateway", "None"].map((nextHop) => ({
        why: `${prefix} to ${nextHop}`,
        there: route(prefix, nextHop),
        says: [/^subnets\[0\]\.id: .*route "one" takes .*: peers would not hear from the gateways\./],
      })),
    ),
    {
      why: "the network's own block to a firewall, the gateways' subnet with it",
      there: route("10.30.0.0/16", "VirtualAppliance"),
      says: [/takes 10\.30\.0\.0\/16 to VirtualAppliance: gateways would not reach each other\./],
    },
    {
      why: "a gateway's own address to nowhere",
      there: route("10.30.0.5/32", "None"),
      says: [/gateways would not reach each other\./],
    },
    {
      why: "the Route Server's subnet to a firewall",
      there: route("10.30.0.64/26", "VirtualAppliance"),
      says: [/gateways would not reach the Route Server\./],
    },
  ] as { why: string; there: ExistingNetworkFacts; says: RegExp[] }[])
    it(`refuses ${why}`, () => {
      const problems = checkExistingNetwork(claim, there).map(
        ({ path, message, remedy }) => `${path}: ${message} ${remedy}`,
      );
      assert.equal(problems.length, says.length, problems.join("\n"));
      for (const [index, words] of says.entries()) assert.match(problems[index] ?? "", words);
    });

  it("says all at once", () => {
    const all = withGateways({
      cidrs: ["10.30.1.0/24"],
      natGatewayId: "nat",
      users: [`${inShop}/networkInterfaces/db/ipConfigurations/a`],
    });
    assert.equal(checkExistingNetwork(claim, { ...all, location: "uksouth" }).length, 4);
  });
});
