/**
 * One region's gateways into a Pulumi program of your own: the network, the pair, and who may call it, each usable by
 * itself. For a whole fleet, authority and releases included, see docs/components/vpn-backbone.md.
 */
import { Provider } from "@pulumi/gcp";
import { GatewayNetwork, HaGatewayPair, PeerRules, SubnetRole } from "trunkline/gcp";

const provider = new Provider("frankfurt", { region: "europe-west3" });
const region = { fleet: "acme", region: "euw3", cloudRegion: "europe-west3" };

const network = new GatewayNetwork(
  "frankfurt",
  {
    ...region,
    cidrs: ["10.50.0.0/16"],
    subnets: [
      { name: "gateways", role: SubnetRole.Gateway, cidr: "10.50.0.0/24" },
      { name: "workloads", role: SubnetRole.Workload, cidr: "10.50.64.0/18" },
    ],
    managementAllowFrom: ["203.0.113.0/24"],
  },
  { provider },
);

const pair = new HaGatewayPair(
  "frankfurt-pair",
  {
    ...region,
    asn: 4200000050,
    networkId: network.networkId,
    subnetId: network.subnetIds.apply((ids) => ids["gateways"] ?? ""),
    gatewayTag: network.gatewayTag,
    gateways: [
      { letter: "a", zone: "a", size: "n2-standard-2", imageEpoch: 1 },
      { letter: "b", zone: "b", size: "n2-standard-2", imageEpoch: 1 },
    ],
    router: { asn: 4200001050, interfaces: [{ name: "interface-0" }, { name: "interface-1" }] },
  },
  { provider },
);

new PeerRules(
  "frankfurt-peers",
  {
    ...region,
    networkId: network.networkId,
    gatewayTag: network.gatewayTag,
    // The gateways of another region, by their public addresses.
    peers: [
      { gateway: "use1-a", address: "198.51.100.10" },
      { gateway: "use1-b", address: "198.51.100.11" },
    ],
  },
  { provider },
);

export const addresses = pair.publicAddresses;
