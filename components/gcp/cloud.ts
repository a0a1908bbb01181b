import { Provider } from "@pulumi/gcp/provider";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRegion, PlannedSubnet } from "../../fleet/plan";
import type { Cloud } from "../backbone/cloud";
import { routerAddress } from "../block";
import type { RegionHandover } from "../handover";
import { handoverOf, missing } from "../region-handover";
import { connectManaged, managedRegion } from "./managed-region";
import { GatewayNetwork } from "./network";
import { HaGatewayPair } from "./pair";
import { PeerRules } from "./peer-rules";

export const gcpCloud: Cloud = {
  // Regional by name; without a project of its own it is that of the environment.
  provider: (name, { cloudRegion, owner }, opts) =>
    new Provider(name, { region: cloudRegion, ...(owner === undefined ? {} : { project: owner }) }, opts),

  region(name, { fleet, region, protect }, opts) {
    const { routeService } = region;
    if (routeService.kind === "managed") return managedRegion(name, { fleet, region, protect }, opts);
    if (routeService.kind !== "service") return missing(`Cloud Router of ${region.name}`);
    const common = { fleet, region: region.name, cloudRegion: region.cloudRegion, protect };
    const network = new GatewayNetwork(
      `${name}-network`,
      {
        ...common,
        cidrs: [...region.cidrs],
        subnets: region.network.subnets.map(({ name: subnet, role, cidr }) => ({
          name: subnet,
          // A Cloud Router's interfaces live with the gateways.
          role: role === "gateway" ? role : "workload",
          cidr,
        })),
        managementAllowFrom: [...region.managementAllowFrom],
      },
      opts,
    );
    const { name: home } = gatewaySubnet(region);
    const pair = new HaGatewayPair(
      `${name}-pair`,
      {
        ...common,
        tags: { ...region.tags },
        asn: region.asn,
        networkId: network.networkId,
        subnetId: network.subnetIds.apply(
          (ids) => ids[home] ?? missing(`subnet "${home}" of ${region.name}`),
        ),
        gatewayTag: network.gatewayTag,
        gateways: region.gateways.map(({ letter, zone, size, system, imageEpoch }) => ({
          letter,
          zone: zone ?? missing(`zone of ${region.name}-${letter}`),
          size,
          system,
          imageEpoch,
        })),
        router: {
          asn: routeService.asn,
          interfaces: routeService.endpoints.map(({ name: end }) => ({ name: end })),
        },
      },
      opts,
    );
    return regionHandover(region, network, pair);
  },

  admitPeers: (name, { fleet, region, networkId, securityGroupId, peers }, opts) =>
    new PeerRules(
      `${name}-peers`,
      {
        fleet,
        region: region.name,
        networkId,
        gatewayTag: securityGroupId,
        peers: peers.map(({ gateway, address }) => ({ gateway, address })),
      },
      opts,
    ),

  connectManaged,

  // A Cloud Router's routes are the network's: there is no table, and nobody else moves a route.
  routeTables: () => [],
  remoteRoutes: (_, { prefixes }) => missing(`route table for ${prefixes.join(", ")}`),
};

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
    interfaceAddresses,
  }: HaGatewayPair,
): pulumi.Output<RegionHandover> {
  return pulumi
    .output({
      networkId: network.networkId,
      securityGroupId: network.gatewayTag,
      instanceIds,
      systems,
      privateAddresses,
      publicAddresses,
      bootstrapHostKeys,
      pushKey,
      endpointAddresses: interfaceAddresses,
    })
    .apply((made) =>
      handoverOf(region, made, () => ({ routerAddress: routerAddress(gatewaySubnet(region).cidr) })),
    );
}

function gatewaySubnet({ name, network }: PlannedRegion): PlannedSubnet {
  return network.subnets.find(({ role }) => role === "gateway") ?? missing(`gateways' subnet of ${name}`);
}
