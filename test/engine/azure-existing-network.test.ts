import assert from "node:assert/strict";
import * as azureNetwork from "@pulumi/azure-native/network";
import { Provider } from "@pulumi/azure-native/provider";
import * as resources from "@pulumi/azure-native/resources";
import type { Plan } from "../../fleet/plan";
import { stackGraph } from "../../stacks/graph";
import { Failure } from "./compiled";
import { type Engine, startEngine } from "./engine";
import { planOf } from "./fleets";
import { type Ids, type Objects, runFleet, userNetwork, worldText } from "./user-network";

/** What a platform team may have had for years: its own program, its own state, its own resource group. */
function shop() {
  const provider = { provider: new Provider("cloud", { location: "westeurope" }) };
  const group = new resources.ResourceGroup("shop", { resourceGroupName: "Shop" }, provider);
  const resourceGroupName = group.name;
  const network = (name: string, addressPrefixes: string[]) =>
    new azureNetwork.VirtualNetwork(
      name,
      { resourceGroupName, virtualNetworkName: name, addressSpace: { addressPrefixes } },
      provider,
    );
  const subnet = (of: azureNetwork.VirtualNetwork, subnetName: string, addressPrefix: string) =>
    new azureNetwork.Subnet(
      `${subnetName}-${addressPrefix}`,
      {
        resourceGroupName,
        virtualNetworkName: of.name,
        subnetName,
        addressPrefix,
        defaultOutboundAccess: false,
      },
      provider,
    ).id;
  const main = network("shop", ["10.30.0.0/16"]);
  const apps = subnet(main, "apps", "10.30.128.0/24");
  const firewall = new azureNetwork.NetworkSecurityGroup(
    "apps",
    { resourceGroupName, networkSecurityGroupName: "apps" },
    provider,
  );
  new azureNetwork.SecurityRule(
    "partners",
    {
      resourceGroupName,
      networkSecurityGroupName: firewall.name,
      securityRuleName: "partners",
      access: "Allow",
      direction: "Inbound",
      priority: 200,
      protocol: "Tcp",
      sourceAddressPrefixes: ["10.0.0.0/8"],
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRanges: ["443"],
    },
    provider,
  );
  const card = new azureNetwork.NetworkInterface(
    "web",
    {
      resourceGroupName,
      networkInterfaceName: "web",
      networkSecurityGroup: { id: firewall.id },
      ipConfigurations: [
        {
          name: "web",
          subnet: { id: apps },
          privateIPAddress: "10.30.128.4",
          privateIPAllocationMethod: "Static",
        },
      ],
    },
    provider,
  );
  // Another network, which has a Route Server of its own.
  const other = network("other", ["10.60.0.0/16"]);
  const otherHome = subnet(other, "RouteServerSubnet", "10.60.0.64/26");
  const address = new azureNetwork.PublicIPAddress(
    "routes",
    {
      resourceGroupName,
      publicIpAddressName: "routes",
      sku: { name: "Standard", tier: "Regional" },
      publicIPAllocationMethod: "Static",
    },
    provider,
  );
  const hub = new azureNetwork.VirtualHub(
    "routes",
    { resourceGroupName, virtualHubName: "routes", sku: "Standard" },
    provider,
  );
  new azureNetwork.VirtualHubIpConfiguration(
    "routes",
    {
      resourceGroupName,
      virtualHubName: hub.name,
      ipConfigName: "default",
      subnet: { id: otherHome },
      publicIPAddress: { id: address.id },
    },
    provider,
  );
  return Promise.resolve({
    network: main.id,
    edge: subnet(main, "edge", "10.30.0.0/27"),
    home: subnet(main, "RouteServerSubnet", "10.30.0.64/26"),
    apps,
    other: other.id,
    otherEdge: subnet(other, "edge", "10.60.0.0/27"),
    otherHome,
    workload: card.id,
  });
}

/** One with a network of ours, and no larger than it must be. */
const neighbour = "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateways: 1 }\n";

/** The region in the user's network. */
function aloneIn(ids: Ids): string {
  return `
fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  weu:
    cloud: azure
    region: westeurope
    cidr: 10.30.0.0/16
    network:
      id: ${ids["network"] ?? ""}
      subnets:
        gateways: { id: ${ids["edge"] ?? ""}, cidr: 10.30.0.0/27 }
        RouteServerSubnet: { id: ${ids["home"] ?? ""}, cidr: 10.30.0.64/26 }
`;
}

describe("a region in a virtual network that is there already, on the real engine", function () {
  this.timeout(600_000);
  let engine: Engine;
  let ids: Ids;
  let before_: Objects;

  const world = async () => (await engine.lab.world()).objects;
  const plan = (): Plan => planOf(aloneIn(ids) + neighbour);
  const swapped = (text: string, ...names: readonly (readonly [string, string])[]) =>
    names.reduce(
      (changed, [one, other]) => changed.replace(`${ids[one] ?? ""},`, `${ids[other] ?? ""},`),
      text,
    );

  before(async () => {
    engine = await startEngine();
    ({ ids, objects: before_ } = await userNetwork(
      engine,
      shop,
      "weu-workload",
      // The world's own id of it (lab/clouds/azure-native/id.ts).
      () => "card.shop.web",
    ));
  });
  after(() => engine.close());

  for (const { what, change, says } of [
    {
      what: "a virtual network that is not there",
      change: (text: string) => text.replaceAll("virtualNetworks/shop", "virtualNetworks/shpo"),
      says: [
        /virtualNetworks\/shpo cannot be looked at: .*'Microsoft\.Network\/virtualNetworks\/shpo' under resource group 'Shop' was not found/,
      ],
    },
    {
      what: "a resource group that is not there",
      change: (text: string) => text.replaceAll("resourceGroups/Shop", "resourceGroups/shops"),
      says: [/cannot be looked at: .*Resource group 'shops' could not be found/],
    },
    {
      what: "a subnet that is not there",
      change: (text: string) => text.replace("subnets/edge", "subnets/ege"),
      says: [/subnets\/ege cannot be looked at: .*subnets\/ege not found/],
    },
    {
      what: "a subnet's other network, a network outside of the address space, another region",
      change: (text: string) =>
        text
          .replace("10.30.0.0/27", "10.30.0.0/28")
          .replace("cidr: 10.30.0.0/16", "cidrs: [10.30.0.0/16, 10.61.0.0/16]")
          .replace("westeurope", "northeurope"),
      says: [
        /subnets\/edge has the network 10\.30\.0\.0\/27, not 10\.30\.0\.0\/28/,
        /10\.61\.0\.0\/16 lies outside of .*virtualNetworks\/shop, which has 10\.30\.0\.0\/16/,
        /virtualNetworks\/shop lies in westeurope, not in northeurope/,
      ],
    },
    {
      what: "a subnet with a machine of the user's",
      change: (text: string) => swapped(text, ["edge", "apps"]).replace("10.30.0.0/27", "10.30.128.0/24"),
      says: [/subnets\/apps holds something else, .*networkInterfaces\/web/],
    },
    {
      what: "a network with a Route Server of the user's",
      change: (text: string) =>
        swapped(text, ["edge", "otherEdge"], ["home", "otherHome"])
          .replace(`id: ${ids["network"] ?? ""}\n`, `id: ${ids["other"] ?? ""}\n`)
          .replaceAll("10.30.", "10.60."),
      says: [/RouteServerSubnet holds a Route Server already, .*virtualHubs\/routes/],
    },
    {
      what: "a network in the very group that the region would make",
      change: (text: string) => text.replace("fleet: acme", "fleet: eu").replaceAll("/Shop/", "/eu-weu/"),
      says: [/lies in the resource group that the region makes for itself/],
    },
  ])
    it(`${what}: said in a sentence, before anything is made`, async () => {
      await assert.rejects(runFleet(engine, planOf(change(aloneIn(ids))), "up"), (error: unknown) => {
        assert.ok(error instanceof Failure);
        for (const words of says) assert.match(error.message, words);
        return true;
      });
      assert.deepEqual(
        Object.values(await world()).filter(({ id }) => !(id in before_)),
        [],
      );
    });

  it("comes up beside a region with a network of ours, its gateways and its Route Server in the user's subnets", async () => {
    await runFleet(engine, plan(), "up");
    const objects = Object.values(await world());
    assert.equal(objects.filter(({ kind }) => kind === "machine").length, 3);
    const inSubnet = (name: string) =>
      objects
        .flatMap((object) =>
          (object.kind === "interface" || object.kind === "routeServiceEndpoint") &&
          object.subnet === `subnet.shop.shop.${name}`
            ? [object.address]
            : [],
        )
        .sort();
    assert.deepEqual(inSubnet("edge"), ["10.30.0.4", "10.30.0.5"]);
    assert.deepEqual(inSubnet("routeserversubnet"), ["10.30.0.68", "10.30.0.69"]);
  });

  it("touches nothing of the user's; the network's interfaces hear of the Route Server's routes besides", async () => {
    const now = await world();
    for (const [id, object] of Object.entries(before_)) {
      const after = now[id];
      if (id !== "routes.vnet.shop.shop") {
        assert.equal(JSON.stringify(after), JSON.stringify(object), id);
        continue;
      }
      assert.ok(after?.kind === "routeTable" && object.kind === "routeTable");
      assert.deepEqual(after, { ...object, propagatedFrom: ["hub.acme-weu.acme-weu-route-server"] });
    }
  });

  it("has nothing to do the second time, though its own things are in the subnets now, and holds nothing of the user's in its state", async () => {
    const events = await runFleet(engine, plan(), "up");
    const finished = events.flatMap((event) => (event.kind === "stack-finished" ? [event] : []));
    assert.equal(finished.length, stackGraph(plan()).length);
    for (const { changes, stack } of finished) assert.deepEqual(Object.keys(changes), ["same"], stack);
    const types = events.flatMap((event) =>
      event.kind === "resource" && event.stack === "acme.region-weu" ? [event.type] : [],
    );
    assert.ok(types.includes("azure-native:network:NetworkInterface"));
    for (const type of types) assert.doesNotMatch(type, /network:(VirtualNetwork|Subnet)$/);
  });

  it("destroyed with what is protected, leaves every object of the user's byte for byte, and nothing of ours", async () => {
    await runFleet(engine, plan(), "destroy");
    assert.deepEqual(worldText(await world()), worldText(before_));
  });

  it("the user's own program finds nothing to mend", async () => {
    const stack = await engine.stack("shop.network", shop);
    await stack.refresh({ expectNoChanges: true });
    const { summary } = await stack.up();
    assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
  });
});
