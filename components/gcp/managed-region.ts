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
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<RegionHandover> {
  const common = { fleet, region: region.name, cloudRegion: region.cloudRegion, cidrs: [...region.cidrs] };
  const network = new ManagedNetwork(
    `${name}-network`,
    {
      ...common,
      subnets: region.network.subnets.map(({ name: subnet, cidr }) => ({ name: subnet, cidr })),
      protect,
    },
    opts,
  );
  const gateway = new ManagedVpnGateway(
    `${name}-managed`,
    { ...common, tags: { ...region.tags }, asn: region.asn, networkId: network.networkId },
    opts,
  );
  return pulumi
    .output({
      networkId: network.networkId,
      // Whoever waits for the region waits for the workloads' subnets.
      subnetIds: network.subnetIds,
      id: gateway.vpnGatewayId,
      router: gateway.routerName,
      addresses: gateway.interfaceAddresses,
    })
    .apply(({ networkId, id, router, addresses }): RegionHandover => ({
      format: regionFormat,
      region: region.name,
      cloud: region.cloud,
      cloudRegion: region.cloudRegion,
      networkId,
      routeService: { endpoints: [] },
      vpnGateway: { id, router, addresses },
      gateways: [],
    }));
}

/** Google's end of its tunnels to one gateway of ours. */
export function connectManaged(
  name: string,
  { fleet, region, own, peer, peerAddress, peerAsn, tunnels }: CloudConnection,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<readonly string[]> {
  const [first] = tunnels;
  if (first === undefined) return missing(`tunnels of ${name}`);
  const { tunnel } = first;
  const of = (pick: (gateway: NonNullable<RegionHandover["vpnGateway"]>) => string | undefined) =>
    pulumi.unsecret(
      own.apply(({ vpnGateway }) =>
        routesPart(region.name, vpnGateway === undefined ? undefined : pick(vpnGateway)),
      ),
    );
  const { tunnelIds } = new ManagedVpnConnection(
    name,
    {
      fleet,
      region: region.name,
      cloudRegion: region.cloudRegion,
      vpnGatewayId: of(({ id }) => id),
      routerName: of(({ router }) => router),
      peer,
      peerAddress,
      peerAsn,
      ike: tunnel.ikeSa.proposal,
      esp: tunnel.childSa.proposal,
      tunnels: tunnels.map(({ told: { insideCidr }, presharedKey }) => ({ insideCidr, presharedKey })),
      tags: { ...region.tags },
    },
    opts,
  );
  const addresses = pulumi.all(tunnels.map((_, index) => of(({ addresses: all }) => all[index])));
  // Whoever has the addresses finds the tunnels in place.
  return pulumi.all([addresses, tunnelIds]).apply(([all]) => all);
}
