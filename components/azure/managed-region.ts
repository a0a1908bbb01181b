import * as pulumi from "@pulumi/pulumi";
import type { CloudConnection, CloudRegion } from "../backbone/cloud";
import { routesPart } from "../backbone/facts.plan";
import { type RegionHandover, regionFormat } from "../handover";
import { missing } from "../region-handover";
import { limits } from "./limits";
import { ManagedVpnConnection } from "./managed-connection";
import { ManagedVpnGateway } from "./managed-gateway";
import { ManagedNetwork } from "./managed-network";
import { partsOf } from "./name";

/** Network and managed gateway of a region that has none of ours. */
export function managedRegion(
  name: string,
  { fleet, region, protect }: CloudRegion,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<RegionHandover> {
  const common = {
    fleet,
    region: region.name,
    cloudRegion: region.cloudRegion,
    tags: { ...region.tags },
    protect,
  };
  const { size, insideCidr = missing(`network inside of tunnels of ${region.name}`) } = region.managed ?? {};
  const network = new ManagedNetwork(
    `${name}-network`,
    {
      ...common,
      cidrs: [...region.cidrs],
      subnets: region.network.subnets.map(({ name: subnet, cidr }) => ({ name: subnet, cidr })),
    },
    opts,
  );
  const home = limits.vpnGateway.subnet.name;
  const gateway = new ManagedVpnGateway(
    `${name}-managed`,
    {
      ...common,
      asn: region.asn,
      resourceGroupName: network.resourceGroupName,
      subnetId: network.subnetIds.apply((ids) => ids[home] ?? missing(`subnet "${home}" of ${region.name}`)),
      insideCidr,
      ...(size === undefined ? {} : { size }),
    },
    opts,
  );
  return pulumi
    .output({
      networkId: network.networkId,
      // Whoever waits for the region waits for the workloads' subnets.
      subnetIds: network.subnetIds,
      id: gateway.vpnGatewayId,
      addresses: gateway.instanceAddresses,
    })
    .apply(({ networkId, id, addresses }): RegionHandover => ({
      format: regionFormat,
      region: region.name,
      cloud: region.cloud,
      cloudRegion: region.cloudRegion,
      networkId,
      routeService: { endpoints: [] },
      vpnGateway: { id, addresses },
      gateways: [],
    }));
}

/** Azure's end of its tunnels to one gateway of ours. */
export function connectManaged(
  name: string,
  { fleet, region, own, peer, peerAddress, peerAsn, tunnels }: CloudConnection,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<readonly string[]> {
  const [first] = tunnels;
  if (first === undefined) return missing(`tunnels of ${name}`);
  const { tunnel, told, presharedKey } = first;
  const gateway = pulumi.unsecret(
    own.apply(({ vpnGateway }) => {
      const { id, addresses } = routesPart(region.name, vpnGateway);
      return { id, addresses: [...addresses] };
    }),
  );
  const { connectionId } = new ManagedVpnConnection(
    name,
    {
      fleet,
      region: region.name,
      cloudRegion: region.cloudRegion,
      resourceGroupName: gateway.id.apply((id) => partsOf(id).resourceGroupName),
      vpnGatewayId: gateway.id,
      insideCidr: region.managed?.insideCidr ?? missing(`network inside of tunnels of ${region.name}`),
      peer,
      peerAddress,
      peerAsn,
      peerInsideCidr: told.insideCidr,
      ike: tunnel.ikeSa.proposal,
      esp: tunnel.childSa.proposal,
      childLifetimeSeconds: told.childLifetimeSeconds,
      dpdTimeoutSeconds: told.dpdTimeoutSeconds ?? missing(`dead-peer detection of ${tunnel.id}`),
      // Both tunnels have the same.
      presharedKey,
      tags: { ...region.tags },
    },
    opts,
  );
  // Whoever has the addresses finds the tunnels in place.
  return pulumi
    .all([gateway.addresses, connectionId])
    .apply(([addresses]) =>
      tunnels.map(
        (_, index) => addresses[index] ?? missing(`address of ${tunnels[index]?.tunnel.id ?? name}`),
      ),
    );
}
