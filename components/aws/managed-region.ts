import * as pulumi from "@pulumi/pulumi";
import { routesPart } from "../backbone/facts.plan";
import type { CloudConnection, CloudRegion } from "../backbone/cloud";
import { type RegionHandover, regionFormat } from "../handover";
import { missing } from "../region-handover";
import { ManagedVpnConnection } from "./managed-connection";
import { ManagedVpnGateway } from "./managed-gateway";
import { ManagedNetwork } from "./managed-network";

/** Network and managed gateway of a region that has none of ours. */
export function managedRegion(
  name: string,
  { fleet, region, protect }: CloudRegion,
  attachedIn: readonly string[],
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<RegionHandover> {
  const common = { fleet, region: region.name, tags: { ...region.tags } };
  const network = new ManagedNetwork(
    `${name}-network`,
    {
      ...common,
      cloudRegion: region.cloudRegion,
      cidrs: [...region.cidrs],
      subnets: region.network.subnets.map(({ name: subnet, zone = "", cidr }) => ({
        name: subnet,
        zone,
        cidr,
      })),
      protect,
    },
    opts,
  );
  const gateway = new ManagedVpnGateway(
    `${name}-managed`,
    {
      ...common,
      asn: region.asn,
      networkId: network.networkId,
      subnetIds: attachedIn.map((subnet) =>
        network.subnetIds.apply((ids) => ids[subnet] ?? missing(`subnet "${subnet}" of ${region.name}`)),
      ),
    },
    opts,
  );
  return pulumi
    .output({
      networkId: network.networkId,
      // Whoever waits for the region waits for the workloads' subnets.
      subnetIds: network.subnetIds,
      routeTableIds: network.routeTableIds,
      id: gateway.transitGatewayId,
    })
    .apply(({ networkId, routeTableIds, id }): RegionHandover => ({
      format: regionFormat,
      region: region.name,
      cloud: region.cloud,
      cloudRegion: region.cloudRegion,
      networkId,
      routeService: { endpoints: [] },
      transitGateway: { id, routeTables: routeTableIds },
      gateways: [],
    }));
}

/** AWS' end of its tunnels to one gateway of ours. */
export function connectManaged(
  name: string,
  { fleet, region, own, peerAddress, peerAsn, tunnels }: CloudConnection,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<readonly string[]> {
  const [first] = tunnels;
  if (first === undefined) return missing(`tunnels of ${name}`);
  const { tunnel, told } = first;
  return new ManagedVpnConnection(
    name,
    {
      fleet,
      region: region.name,
      transitGatewayId: pulumi.unsecret(
        own.apply(({ transitGateway }) => routesPart(region.name, transitGateway?.id)),
      ),
      peerAddress,
      peerAsn,
      ike: tunnel.ikeSa.proposal,
      esp: tunnel.childSa.proposal,
      ikeLifetimeSeconds: told.ikeLifetimeSeconds,
      childLifetimeSeconds: told.childLifetimeSeconds,
      rekeyMarginSeconds: told.rekeyMarginSeconds,
      dpdTimeoutSeconds: told.dpdTimeoutSeconds ?? missing(`dead-peer detection of ${tunnel.id}`),
      tunnels: tunnels.map(({ told: { insideCidr }, presharedKey }) => ({ insideCidr, presharedKey })),
      tags: { ...region.tags },
    },
    opts,
  ).tunnelAddresses;
}
