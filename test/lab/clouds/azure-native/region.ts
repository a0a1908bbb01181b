import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "./in-memory";

const group = { resourceGroupName: "acme-weu" };
const place = { ...group, location: "westeurope" };

/** A region as far as a gateway's interface: what a test needs to begin with. */
export async function region(cloud = new InMemory()) {
  await cloud.make("ResourceGroup", "group", place);
  const network = await cloud.make("VirtualNetwork", "net", {
    ...place,
    virtualNetworkName: "net",
    addressSpace: { addressPrefixes: ["10.30.0.0/16"] },
  });
  const subnet = (subnetName: string, addressPrefix: string) =>
    cloud.make("Subnet", subnetName, {
      ...group,
      virtualNetworkName: "net",
      subnetName,
      addressPrefix,
      defaultOutboundAccess: false,
    });
  const gateways = await subnet("gateways", "10.30.0.0/28");
  const firewall = await cloud.make("NetworkSecurityGroup", "nsg", {
    ...place,
    networkSecurityGroupName: "nsg",
  });
  const rule = {
    ...group,
    networkSecurityGroupName: "nsg",
    securityRuleName: "ssh",
    access: "Allow",
    direction: "Inbound",
    priority: 100,
    protocol: "Tcp",
    sourceAddressPrefixes: ["203.0.113.0/24"],
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRanges: ["22"],
  };
  const address = (name: string, more: Properties = { zones: ["1"] }) =>
    cloud.make("PublicIPAddress", name, {
      ...place,
      publicIpAddressName: name,
      sku: { name: "Standard", tier: "Regional" },
      publicIPAllocationMethod: "Static",
      ...more,
    });
  const outside = await address("a-address");
  const configuration = {
    name: "inside",
    primary: true,
    subnet: { id: gateways["id"] },
    privateIPAddress: "10.30.0.4",
    privateIPAllocationMethod: "Static",
    publicIPAddress: { id: outside["id"] },
  };
  const card = {
    ...place,
    networkInterfaceName: "a-card",
    enableIPForwarding: true,
    networkSecurityGroup: { id: firewall["id"] },
    ipConfigurations: [configuration],
  };
  return { cloud, group, place, network, subnet, gateways, firewall, rule, address, configuration, card };
}

/** And with its interface; a machine's inputs. */
export async function machine() {
  const made = await region();
  const nic = await made.cloud.make("NetworkInterface", "a-card", made.card);
  const inputs = {
    ...made.place,
    vmName: "acme-weu-a",
    zones: ["1"],
    hardwareProfile: { vmSize: "Standard_D2s_v5" },
    networkProfile: { networkInterfaces: [{ id: nic["id"], primary: true, deleteOption: "Detach" }] },
    osProfile: {
      computerName: "acme-weu-a",
      adminUsername: "trunkline",
      customData: Buffer.from("#!/bin/sh\n").toString("base64"),
      allowExtensionOperations: false,
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: "/home/trunkline/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
      },
    },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: {
        createOption: "FromImage",
        deleteOption: "Delete",
        diskSizeGB: 32,
        managedDisk: { storageAccountType: "StandardSSD_LRS" },
      },
    },
    securityProfile: {
      securityType: "TrustedLaunch",
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    },
  };
  return { ...made, nic, inputs };
}

/** And with a Route Server's hub, its subnet and address; what its configuration and a session are made of. */
export async function routeServer() {
  const made = await machine();
  const { cloud, group, place, subnet, address } = made;
  const home = await subnet("RouteServerSubnet", "10.30.0.64/26");
  const own = await address("route-server", {});
  await cloud.make("VirtualHub", "hub", { ...place, virtualHubName: "hub", sku: "Standard" });
  const configuration = {
    ...group,
    virtualHubName: "hub",
    ipConfigName: "instances",
    subnet: { id: home["id"] },
    publicIPAddress: { id: own["id"] },
  };
  const session = {
    ...group,
    virtualHubName: "hub",
    connectionName: "a",
    peerAsn: 64614,
    peerIp: "10.30.0.4",
  };
  return { ...made, home, own, hubConfiguration: configuration, session };
}
