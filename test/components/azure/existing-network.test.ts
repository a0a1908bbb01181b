import assert from "node:assert/strict";
import { networkFacts } from "../../../components/azure/existing-network";
import type { ExistingNetworkFacts } from "../../../components/azure/existing-network.plan";
import { type Cloud, exampleCloud } from "../cloud";
import { run } from "../recorder";

const inShop =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network";
const shop = `${inShop}/virtualNetworks/shop`;
const [edge, home] = [`${shop}/subnets/edge`, `${shop}/subnets/RouteServerSubnet`];

/** In a network where all is as in the documentation's examples but for `changed`. */
async function factsWith(changed: Cloud["answers"] = {}, edgeName = "edge"): Promise<ExistingNetworkFacts> {
  const cloud = { ...exampleCloud, answers: { ...exampleCloud.answers, ...changed } };
  const { result } = await run(
    () =>
      networkFacts(
        { networkId: shop },
        {
          resourceGroupName: "shop",
          virtualNetworkName: "shop",
          subnets: [
            { id: edge, subnetName: edgeName },
            { id: home, subnetName: "RouteServerSubnet" },
          ],
        },
        {},
      ),
    {},
    cloud,
  );
  return result;
}

describe("components/azure/existing-network", () => {
  it("reads one prefix or several, and takes what an answer leaves out for empty", async () => {
    const nothing = { delegations: [], users: [] };
    assert.deepEqual(await factsWith(), {
      id: shop,
      location: "westeurope",
      blocks: ["10.30.0.0/16"],
      subnets: {
        [edge]: { cidrs: ["10.30.0.0/28"], ...nothing },
        [home]: { cidrs: ["10.30.0.64/26"], ...nothing },
      },
    });
  });

  it("reads whatever stands in a subnet, and the routes of its table, which is asked about by itself", async () => {
    const facts = await factsWith({
      [edge]: {
        addressPrefix: "10.30.0.0/28",
        networkSecurityGroup: { id: "nsg" },
        natGateway: { id: "nat" },
        routeTable: { id: `${inShop}/routeTables/out` },
        delegations: [{ name: "delegation", serviceName: "Microsoft.Sql/managedInstances" }],
        ipConfigurations: [{ id: "card" }],
      },
      [`${inShop}/routeTables/out`]: {
        routes: [{ name: "all", addressPrefix: "0.0.0.0/0", nextHopType: "VirtualAppliance" }],
      },
    });
    assert.deepEqual(facts.subnets[edge], {
      cidrs: ["10.30.0.0/28"],
      securityGroupId: "nsg",
      natGatewayId: "nat",
      routeTable: {
        id: `${inShop}/routeTables/out`,
        routes: [{ name: "all", prefix: "0.0.0.0/0", nextHop: "VirtualAppliance" }],
      },
      delegations: ["Microsoft.Sql/managedInstances"],
      users: ["card"],
    });
  });

  it("names what it could not look at", async () => {
    await assert.rejects(factsWith({}, "ege"), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.ok(error.message.startsWith(`${edge} cannot be looked at: `), error.message);
      return true;
    });
  });
});
