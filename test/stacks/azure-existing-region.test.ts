import assert from "node:assert/strict";
import type { Plan } from "../../fleet/plan";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { named, only, type Recorded, run } from "../components/recorder";
import { planOf } from "../engine/fleets";

const stack = "acme.region-weu";
const shop =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop";
const edge = `${shop}/subnets/edge`;

/** A region in the network of the documentation's examples. */
const plan: Plan = planOf(`
fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  weu:
    cloud: azure
    region: westeurope
    cidr: 10.30.0.0/16
    network:
      id: ${shop}
      subnets:
        gateways: { id: ${edge}, cidr: 10.30.0.0/28 }
        RouteServerSubnet: { id: ${shop}/subnets/RouteServerSubnet, cidr: 10.30.0.64/26 }
`);

describe("stacks/region in a virtual network that is there already", () => {
  let resources: readonly Recorded[];
  let calls: readonly { readonly token: string; readonly provider: string }[];
  let handover: unknown;
  before(async () => {
    const done = await run(stackProgram(plan, stack));
    resources = done.resources;
    calls = done.calls;
    handover = done.result.handover;
  });

  it("makes nothing of a network, and takes nothing of the user's into its state", () => {
    const made = resources
      .filter(({ type }) => type.startsWith("azure-native:"))
      .map(({ type }) => type.split(":")[2]);
    assert.deepEqual([...new Set(made)].sort(), [
      "NetworkInterface",
      "NetworkSecurityGroup",
      "PublicIPAddress",
      "ResourceGroup",
      "SecurityRule",
      "VirtualHub",
      "VirtualHubBgpConnection",
      "VirtualHubIpConfiguration",
      "VirtualMachine",
    ]);
  });

  it("makes what is ours in a group of the region's own, and nothing in the user's", () => {
    for (const { type, name, inputs } of resources)
      if (type.startsWith("azure-native:")) assert.equal(inputs["resourceGroupName"], "acme-weu", name);
    assert.deepEqual(
      resources.filter(({ protect }) => protect).map(({ name }) => name),
      ["acme-weu-pair-a-address", "acme-weu-pair-b-address", "acme-weu-network-group"],
    );
  });

  it("hands on what a new network's region hands on", () => {
    const { networkId, gateways } = regionHandover.parse(handover);
    assert.equal(networkId, shop);
    assert.deepEqual(
      gateways.map(({ routerAddress, privateAddress }) => [routerAddress, privateAddress]),
      [
        ["10.30.0.1", "10.30.0.4"],
        ["10.30.0.1", "10.30.0.5"],
      ],
    );
  });

  it("puts the gateways and the Route Server into the user's subnets, and the group at the gateways' interfaces alone", () => {
    for (const { inputs } of only(resources, "azure-native:network:NetworkInterface")) {
      const [configuration] = Object(inputs["ipConfigurations"]);
      assert.equal(configuration.subnet.id, edge);
      assert.match(Object(inputs["networkSecurityGroup"]).id, /acme-weu-gateways$/);
    }
    const { inputs } = named(resources, "acme-weu-pair-route-server-configuration");
    assert.equal(Object(inputs["subnet"]).id, `${shop}/subnets/RouteServerSubnet`);
  });

  it("asks the region's own provider, about the network and both subnets", () => {
    const asked = calls.filter(({ token }) => /getVirtualNetwork|getSubnet/.test(token));
    assert.equal(asked.length, 3);
    for (const { token, provider } of calls) assert.equal(provider, "acme-weu-cloud", token);
  });
});
