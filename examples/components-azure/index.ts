/**
 * One region's gateways into a Pulumi program of your own: the network, the pair, and who may call it, each usable by
 * itself. For a whole fleet, authority and releases included, see docs/components/vpn-backbone.md.
 */
import { Provider } from "@pulumi/azure-native";
import { GatewayNetwork, HaGatewayPair, PeerRules, SubnetRole } from "trunkline/azure";

const provider = new Provider("frankfurt", { location: "germanywestcentral" });
const region = { fleet: "acme", region: "gwc", cloudRegion: "germanywestcentral" };

const network = new GatewayNetwork(
  "frankfurt",
  {
    ...region,
    cidrs: ["10.60.0.0/16"],
    subnets: [
      { name: "gateways", role: SubnetRole.Gateway, cidr: "10.60.0.0/24" },
      { name: "RouteServerSubnet", role: SubnetRole.RouteService, cidr: "10.60.1.0/26" },
      { name: "workloads", role: SubnetRole.Workload, cidr: "10.60.64.0/18" },
    ],
    managementAllowFrom: ["203.0.113.0/24"],
  },
  { provider },
);

const subnetId = (name: string) => network.subnetIds.apply((ids) => ids[name] ?? "");

const pair = new HaGatewayPair(
  "frankfurt-pair",
  {
    ...region,
    // Azure's Route Server takes ASNs of 16 bits alone.
    asn: 64660,
    resourceGroupName: network.resourceGroupName,
    subnetId: subnetId("gateways"),
    securityGroupId: network.securityGroupId,
    gateways: [
      { letter: "a", zone: "1", size: "Standard_D2s_v5", privateAddress: "10.60.0.4", imageEpoch: 1 },
      { letter: "b", zone: "2", size: "Standard_D2s_v5", privateAddress: "10.60.0.5", imageEpoch: 1 },
    ],
    routeServer: {
      subnetId: subnetId("RouteServerSubnet"),
      instances: [{ name: "instance-0" }, { name: "instance-1" }],
    },
  },
  { provider },
);

new PeerRules(
  "frankfurt-peers",
  {
    securityGroupId: network.securityGroupId,
    // The gateways of another region, by their public addresses.
    peers: [
      { gateway: "use1-a", address: "198.51.100.10" },
      { gateway: "use1-b", address: "198.51.100.11" },
    ],
  },
  { provider },
);

export const addresses = pair.publicAddresses;
