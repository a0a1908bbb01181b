import { Provider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedNetwork, PlannedRegion, PlannedSubnet } from "../../fleet/plan";
import type { Cloud } from "../backbone/cloud";
import { nthAddress, routerAddress } from "../block";
import type { RegionHandover } from "../handover";
import { handoverOf, missing } from "../region-handover";
import { limits } from "./limits";
import { connectManaged, managedRegion } from "./managed-region";
import { GatewayNetwork, type GatewayNetworkArgs } from "./network";
import { HaGatewayPair } from "./pair";
import { PeerRules } from "./peer-rules";

export const azureCloud: Cloud = {
  // Regional by name; without a subscription of its own it is that of the environment.
  provider: (name, { cloudRegion, owner }, opts) =>
    new Provider(
      name,
      { location: cloudRegion, ...(owner === undefined ? {} : { subscriptionId: owner }) },
      opts,
    ),

  region(name, { fleet, region, protect }, opts) {
    const { routeService } = region;
    if (routeService.kind === "managed") return managedRegion(name, { fleet, region, protect }, opts);
    if (routeService.kind !== "service") return missing(`Route Server of ${region.name}`);
    const common = {
      fleet,
      region: region.name,
      cloudRegion: region.cloudRegion,
      tags: { ...region.tags },
      protect,
    };
    const network = new GatewayNetwork(
      `${name}-network`,
      {
        ...common,
        cidrs: [...region.cidrs],
        ...networkArgs(region.network),
        managementAllowFrom: [...region.managementAllowFrom],
      },
      opts,
    );
    const home = subnetOf(region, "gateway");
    const subnetId = ({ name: subnet }: PlannedSubnet) =>
      network.subnetIds.apply((ids) => ids[subnet] ?? missing(`subnet "${subnet}" of ${region.name}`));
    const pair = new HaGatewayPair(
      `${name}-pair`,
      {
        ...common,
        asn: routeService.alias ?? region.asn,
        resourceGroupName: network.resourceGroupName,
        subnetId: subnetId(home),
        securityGroupId: network.securityGroupId,
        gateways: region.gateways.map(({ letter, zone, size, system, imageEpoch }) => ({
          letter,
          zone: zone ?? missing(`zone of ${region.name}-${letter}`),
          size,
          // By its letter, so that no other gateway moves it.
          privateAddress: nthAddress(
            home.cidr,
            limits.keptAddresses.first + letter.charCodeAt(0) - "a".charCodeAt(0),
          ),
          system,
          imageEpoch,
        })),
        routeServer: {
          subnetId: subnetId(subnetOf(region, "route-service")),
          instances: routeService.endpoints.map(({ name: instance }) => ({ name: instance })),
        },
      },
      opts,
    );
    return regionHandover(region, network, pair);
  },

  admitPeers: (name, { securityGroupId, peers }, opts) =>
    new PeerRules(
      `${name}-peers`,
      { securityGroupId, peers: peers.map(({ gateway, address }) => ({ gateway, address })) },
      opts,
    ),

  connectManaged,

  // A Route Server's routes, and a VPN gateway's, go to every network interface: there is no table, and nobody else moves a route.
  routeTables: () => [],
  remoteRoutes: (_, { prefixes }) => missing(`route table for ${prefixes.join(", ")}`),
};

function networkArgs({
  subnets,
  existing,
}: PlannedNetwork): Pick<GatewayNetworkArgs, "subnets" | "existing"> {
  return {
    subnets: subnets.map(({ name, role, cidr }) => {
      const id = existing?.subnetIds[name];
      return {
        name,
        // A managed gateway's stands in a network of its own kind.
        role: role === "attachment" ? "workload" : role,
        cidr,
        ...(id === undefined ? {} : { id }),
      };
    }),
    ...(existing === undefined ? {} : { existing: { networkId: existing.id } }),
  };
}

function regionHandover(
  region: PlannedRegion,
  network: GatewayNetwork,
  {
    instanceIds,
    systems,
    privateAddresses,
    publicAddresses,
    bootstrapHostKeys,
    pushKey,
    instanceAddresses,
  }: HaGatewayPair,
): pulumi.Output<RegionHandover> {
  return pulumi
    .output({
      networkId: network.networkId,
      securityGroupId: network.securityGroupId,
      instanceIds,
      systems,
      privateAddresses,
      publicAddresses,
      bootstrapHostKeys,
      pushKey,
      endpointAddresses: instanceAddresses,
    })
    .apply((made) =>
      handoverOf(region, made, () => ({ routerAddress: routerAddress(subnetOf(region, "gateway").cidr) })),
    );
}

function subnetOf({ name, network }: PlannedRegion, role: PlannedSubnet["role"]): PlannedSubnet {
  return network.subnets.find((subnet) => subnet.role === role) ?? missing(`${role}'s subnet of ${name}`);
}
