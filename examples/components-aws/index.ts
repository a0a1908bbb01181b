/**
 * One region's gateways into a Pulumi program of your own: the network and the pair, each usable by itself. For a
 * whole fleet, authority and releases included, see docs/components/vpn-backbone.md.
 */
import { Provider } from "@pulumi/aws";
import { GatewayNetwork, HaGatewayPair, SubnetRole } from "trunkline/aws";

const provider = new Provider("frankfurt", { region: "eu-central-1" });
const zones = ["a", "b"];

const network = new GatewayNetwork(
  "frankfurt",
  {
    fleet: "acme",
    region: "euc1",
    cloudRegion: "eu-central-1",
    cidrs: ["10.40.0.0/16"],
    subnets: [
      { name: "gateway-a", role: SubnetRole.Gateway, zone: "a", cidr: "10.40.0.0/28" },
      { name: "gateway-b", role: SubnetRole.Gateway, zone: "b", cidr: "10.40.0.16/28" },
      { name: "workload-a", role: SubnetRole.Workload, zone: "a", cidr: "10.40.64.0/18" },
      { name: "workload-b", role: SubnetRole.Workload, zone: "b", cidr: "10.40.128.0/18" },
    ],
    managementAllowFrom: ["203.0.113.0/24"],
  },
  { provider },
);

const subnetId = (name: string) => network.subnetIds.apply((ids) => ids[name] ?? "");

const pair = new HaGatewayPair(
  "frankfurt-pair",
  {
    fleet: "acme",
    region: "euc1",
    asn: 4200000040,
    networkId: network.networkId,
    internetGatewayId: network.internetGatewayId,
    securityGroupId: network.securityGroupId,
    routeTables: [{ name: "workloads", id: network.routeTableIds.apply((ids) => ids["workloads"] ?? "") }],
    gateways: zones.map((letter, index) => ({
      letter,
      subnetId: subnetId(`gateway-${letter}`),
      subnetCidr: `10.40.0.${index * 16}/28`,
      size: "t4g.small",
      imageEpoch: 1,
    })),
    routeServer: {
      asn: 4200001040,
      endpoints: zones.map((letter) => ({
        name: `endpoint-${letter}`,
        subnetId: subnetId(`gateway-${letter}`),
      })),
    },
  },
  { provider },
);

export const addresses = pair.publicAddresses;
