import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "./in-memory";

const image =
  "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-13-trixie-v20260114";

/** A region as far as its machine: what a test needs to begin with. */
export async function region(cloud = new InMemory()) {
  const network = await cloud.make("Network", "net", { name: "net", autoCreateSubnetworks: false });
  const subnet = await cloud.make("Subnetwork", "gateways", {
    name: "gateways",
    region: "europe-west1",
    network: network["id"],
    ipCidrRange: "10.20.0.0/28",
  });
  const address = (name: string, more: Properties = {}) =>
    cloud.make("Address", name, { name, region: "europe-west1", ...more });
  const inside = (name: string) => address(name, { addressType: "INTERNAL", subnetwork: subnet["id"] });
  const machine = {
    name: "a",
    zone: "europe-west1-b",
    machineType: "n2-standard-2",
    canIpForward: true,
    tags: ["gateway"],
    bootDisk: { initializeParams: { image } },
    networkInterfaces: [
      {
        subnetwork: subnet["id"],
        networkIp: (await inside("a-inside"))["address"],
        accessConfigs: [{ natIp: (await address("a-address"))["address"] }],
      },
    ],
  };
  return { cloud, network, subnet, address, inside, machine };
}

/** And with its spoke, router and two interfaces. */
export async function router() {
  const made = await region();
  const { cloud, network, subnet, inside, machine } = made;
  const instance = await cloud.make("Instance", "a", machine);
  const hub = await cloud.make("Hub", "hub", { name: "hub" });
  const spoke = {
    name: "spoke",
    location: "europe-west1",
    hub: hub["id"],
    linkedRouterApplianceInstances: {
      instances: [
        { virtualMachine: instance["selfLink"], ipAddress: machine.networkInterfaces[0]?.networkIp },
      ],
      siteToSiteDataTransfer: false,
    },
  };
  await cloud.make("Router", "router", {
    name: "router",
    region: "europe-west1",
    network: network["id"],
    bgp: { asn: 4200001020 },
  });
  const foot = {
    name: "interface-0",
    router: "router",
    region: "europe-west1",
    subnetwork: subnet["id"],
    privateIpAddress: (await inside("foot"))["address"],
  };
  const peer = {
    name: "a-interface-0",
    router: "router",
    region: "europe-west1",
    interface: "interface-0",
    peerIpAddress: machine.networkInterfaces[0]?.networkIp,
    peerAsn: 4200000020,
    routerApplianceInstance: instance["selfLink"],
  };
  return { ...made, instance, hub, spoke, foot, peer };
}
