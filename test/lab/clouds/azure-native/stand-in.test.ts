import assert from "node:assert/strict";
import { objectsOf } from "../../../../lab/world/world";
import { InMemory } from "./in-memory";
import { machine, region, routeServer } from "./region";

describe("the lab's Azure", () => {
  it("makes a machine with both its addresses, and takes all back", async () => {
    const { cloud, inputs } = await machine();
    await cloud.make("VirtualMachine", "a", inputs);
    const [made] = objectsOf(cloud.world, "machine");
    assert.deepEqual(
      [made?.hostname, made?.userData, made?.image],
      ["acme-weu-a", "#!/bin/sh\n", "debian-13"],
    );
    const [outside] = objectsOf(cloud.world, "publicAddress");
    assert.equal(outside?.interface, made?.interface);
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("admits what a rule says, exactly, and lets all out; a Deny of all changes nothing", async () => {
    const { cloud, rule } = await region();
    const state = await cloud.make("SecurityRule", "ssh", rule);
    await cloud.make("SecurityRule", "refuse", {
      ...rule,
      securityRuleName: "refuse",
      access: "Deny",
      priority: 4096,
      protocol: "*",
      sourceAddressPrefixes: undefined,
      sourceAddressPrefix: "*",
      destinationPortRanges: undefined,
      destinationPortRange: "*",
    });
    const group = () =>
      objectsOf(cloud.world, "firewall")
        .flatMap(({ rules }) => rules)
        .map(({ direction, protocol, ports, peer }) =>
          [direction, protocol, ports?.from, "cidr" in peer ? peer.cidr : ""].join(" "),
        );
    assert.deepEqual(group(), ["egress all  0.0.0.0/0", "ingress tcp 22 203.0.113.0/24"]);
    await cloud.update("SecurityRule", state, { ...rule, sourceAddressPrefixes: ["198.51.100.0/24"] });
    assert.deepEqual(group(), ["egress all  0.0.0.0/0", "ingress tcp 22 198.51.100.0/24"]);
    await cloud.remove("SecurityRule", state);
    assert.deepEqual(group(), ["egress all  0.0.0.0/0"]);
  });

  it("has a Route Server with two instances in its subnet, whose routes are the network's, and a peer of both", async () => {
    const { cloud, hubConfiguration, session } = await routeServer();
    await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
    const state = await cloud.make("VirtualHubBgpConnection", "a", session);
    const [service] = objectsOf(cloud.world, "routeService");
    assert.deepEqual([service?.asn, service?.network], [65515, "vnet.acme-weu.net"]);
    assert.deepEqual(
      objectsOf(cloud.world, "routeServiceEndpoint").map(({ address }) => address),
      ["10.30.0.68", "10.30.0.69"],
    );
    assert.deepEqual(
      objectsOf(cloud.world, "routeServicePeer").map(({ peerAddress, peerAsn }) => [peerAddress, peerAsn]),
      [
        ["10.30.0.4", 64614],
        ["10.30.0.4", 64614],
      ],
    );
    assert.deepEqual(objectsOf(cloud.world, "routeTable")[0]?.propagatedFrom, [service?.id]);
    assert.deepEqual(await cloud.read("VirtualHubBgpConnection", state), {
      peerIp: "10.30.0.4",
      peerAsn: 64614,
    });
    await cloud.removeAll();
    assert.deepEqual(cloud.world.objects, {});
  });

  it("says a Route Server's addresses once it has them", async () => {
    const { cloud, hubConfiguration } = await routeServer();
    const ask = () => cloud.call("getVirtualHub", { resourceGroupName: "acme-weu", virtualHubName: "hub" });
    assert.deepEqual((await ask())["virtualRouterIps"], []);
    await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
    assert.deepEqual((await ask())["virtualRouterIps"], ["10.30.0.69", "10.30.0.68"]);
  });

  describe("says of a network that is there", () => {
    const inNetwork = { resourceGroupName: "ACME-WEU", virtualNetworkName: "net" };

    it("its address space and where it lies, whatever letters it is asked in", async () => {
      const { cloud, network } = await region();
      const { id, location, addressSpace } = await cloud.call("getVirtualNetwork", inNetwork);
      assert.equal(String(id).toLowerCase(), String(network["id"]).toLowerCase());
      assert.deepEqual([location, addressSpace], ["westeurope", { addressPrefixes: ["10.30.0.0/16"] }]);
    });

    it("a subnet's prefix, and whose IP configurations are in it", async () => {
      const { cloud, hubConfiguration } = await routeServer();
      await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
      const ask = async (subnetName: string) => {
        const { addressPrefix, ipConfigurations } = await cloud.call("getSubnet", {
          ...inNetwork,
          subnetName,
        });
        return [addressPrefix, ipConfigurations];
      };
      const own = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acme-weu/providers";
      assert.deepEqual(await ask("gateways"), [
        "10.30.0.0/28",
        [{ id: `${own}/Microsoft.Network/networkInterfaces/a-card/ipConfigurations/ipconfig` }],
      ]);
      assert.deepEqual(await ask("routeserversubnet"), [
        "10.30.0.64/26",
        [{ id: `${own}/Microsoft.Network/virtualHubs/hub/ipConfigurations/ipconfig` }],
      ]);
    });

    for (const { what, name, change, says } of [
      {
        what: "a group that is not there",
        name: "getVirtualNetwork",
        change: { resourceGroupName: "nobody" },
        says: /Resource group 'nobody' could not be found/,
      },
      {
        what: "a network that is not there",
        name: "getVirtualNetwork",
        change: { virtualNetworkName: "nte" },
        says: /The Resource 'Microsoft\.Network\/virtualNetworks\/nte' under resource group 'ACME-WEU' was not found/,
      },
      {
        what: "a subnet of a network that is not there",
        name: "getSubnet",
        change: { virtualNetworkName: "nte", subnetName: "gateways" },
        says: /virtualNetworks\/nte' under resource group/,
      },
      {
        what: "a subnet that is not there",
        name: "getSubnet",
        change: { subnetName: "gateway" },
        says: /Resource \/subscriptions\/.*\/virtualNetworks\/net\/subnets\/gateway not found/,
      },
      {
        what: "a question that it has no stand-in for",
        name: "getSubnet",
        change: { subnetName: "gateways", expand: "routeTable" },
        says: /expand/,
      },
    ])
      it(`refuses ${what}`, async () => {
        const { cloud } = await region();
        await assert.rejects(cloud.call(name, { ...inNetwork, ...change }), says);
      });
  });

  it("takes over what its own creation had begun, and refuses the name to anybody else", async () => {
    const cloud = new InMemory();
    const inputs = { resourceGroupName: "acme-weu", location: "West Europe" };
    await cloud.make("ResourceGroup", "group", inputs);
    await cloud.make("ResourceGroup", "group", inputs);
    await assert.rejects(cloud.make("ResourceGroup", "other", inputs), /already existing/);
  });
});
