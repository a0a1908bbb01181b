import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedNetwork, PlannedRegion, PlannedSubnet } from "../../fleet/plan";
import type { Cloud, CloudRegion } from "../backbone/cloud";
import { routerAddress, routerAddress6 } from "../block";
import type { GatewayHandover, RegionHandover } from "../handover";
import { handoverOf, missing } from "../region-handover";
import { limits } from "./limits";
import { connectManaged, managedRegion } from "./managed-region";
import { GatewayNetwork, type GatewayNetworkArgs } from "./network";
import { gatewaysTable, workloadsTable } from "./network.plan";
import { HaGatewayPair } from "./pair";
import { AddressFamily, PeerRules } from "./peer-rules";
import { RemoteRoutes } from "./remote-routes";
import { TransitGateway } from "./transit-gateway";

export const awsCloud: Cloud = {
  // Regional by name: a resource can end up in no other region, whatever the environment's default is.
  // Credentials of another account than the one that is named are refused by the provider before it makes anything.
  provider: (name, { cloudRegion, owner }, opts) =>
    new Provider(
      name,
      { region: cloudRegion, ...(owner === undefined ? {} : { allowedAccountIds: [owner] }) },
      opts,
    ),

  region(name, { fleet, region, protect }, opts) {
    if (region.routeService.kind === "managed")
      return managedRegion(name, { fleet, region, protect }, region.routeService.attachedIn, opts);
    const common = { fleet, region: region.name, tags: { ...region.tags }, protect };
    const network = new GatewayNetwork(
      `${name}-network`,
      {
        ...common,
        cloudRegion: region.cloudRegion,
        cidrs: [...region.cidrs],
        ...(region.ipv6 === undefined ? {} : { ipv6: { ...region.ipv6 } }),
        ...(region.outside === "ipv6" ? { outsideIpv6: true } : {}),
        ...networkArgs(region.network),
        managementAllowFrom: [...region.managementAllowFrom],
        gatewayRoutes: region.routeService.kind === "transit-gateway",
      },
      opts,
    );
    const subnetId = (subnet: string) =>
      network.subnetIds.apply((ids) => ids[subnet] ?? missing(`subnet "${subnet}" of ${region.name}`));
    const pair = new HaGatewayPair(
      `${name}-pair`,
      {
        ...common,
        asn: region.asn,
        networkId: network.networkId,
        internetGatewayId: network.internetGatewayId,
        securityGroupId: network.securityGroupId,
        routeTables: tablesIn(network.routeTableIds, routeTablesOf(region)),
        movesRoutes: region.routeService.kind === "agent",
        gateways: region.gateways.map(({ letter, subnet, size, system, imageEpoch }) => ({
          letter,
          subnetId: subnetId(subnet),
          subnetCidr: subnetOf(region, subnet).cidr,
          ...(region.ipv6 === undefined && region.outside === "ipv4" ? {} : { ipv6: true }),
          size,
          system,
          imageEpoch,
        })),
        ...(region.routeService.kind === "service"
          ? {
              routeServer: {
                asn: region.routeService.asn,
                endpoints: region.routeService.endpoints.map(({ name, subnet }) => ({
                  name,
                  subnetId: subnetId(subnet),
                })),
              },
            }
          : {}),
        ...(region.shared === undefined ? {} : { movedAddress: true }),
      },
      opts,
    );
    return regionHandover(
      region,
      network,
      pair,
      transitGateway(name, { fleet, region }, network, pair, opts),
    );
  },

  admitPeers: (name, { fleet, region, securityGroupId, peers }, opts) =>
    new PeerRules(
      `${name}-peers`,
      {
        fleet,
        region: region.name,
        securityGroupId,
        otherRules:
          region.managementAllowFrom.length +
          region.cidrs.length +
          (region.routeService.kind === "transit-gateway" ? region.routeService.peers.length : 0),
        otherIpv6Rules: region.ipv6 === undefined ? 0 : 1,
        peers: peers.map(({ gateway, outside, address }) => ({
          gateway,
          address,
          ...(outside === "ipv6" ? { family: AddressFamily.Ipv6 } : {}),
        })),
        tags: { ...region.tags },
      },
      opts,
    ),

  connectManaged,

  remoteRoutes: (name, { tables, prefixes, tableId, target }, opts) =>
    new RemoteRoutes(
      `${name}-remote`,
      {
        routeTables: tables.map((table) => ({ name: table, id: tableId(table) })),
        prefixes: [...prefixes],
        ...target,
      },
      opts,
    ),

  routeTables: routeTablesOf,
};

/** Where the region has one: it follows the gateways, and the network's tables lead to it. */
function transitGateway(
  name: string,
  { fleet, region }: Pick<CloudRegion, "fleet" | "region">,
  network: GatewayNetwork,
  pair: HaGatewayPair,
  opts: pulumi.ComponentResourceOptions,
): TransitGateway | undefined {
  const { routeService, gateways } = region;
  if (routeService.kind !== "transit-gateway") return undefined;
  return new TransitGateway(
    `${name}-transit`,
    {
      fleet,
      region: region.name,
      tags: { ...region.tags },
      asn: routeService.asn,
      gatewayAsn: region.asn,
      cidr: routeService.cidr,
      networkId: network.networkId,
      subnetIds: routeService.attachedIn.map((subnet) =>
        network.subnetIds.apply((ids) => ids[subnet] ?? missing(`subnet "${subnet}" of ${region.name}`)),
      ),
      securityGroupId: network.securityGroupId,
      peers: gateways.map(({ id, letter }) => {
        const peer =
          routeService.peers.find(({ gateway }) => gateway === id) ?? missing(`Connect peer of ${id}`);
        return {
          letter,
          privateAddress: pair.privateAddresses.apply((all) => all[letter] ?? missing(`address of ${id}`)),
          address: peer.address,
          insideNetwork: peer.insideNetwork,
        };
      }),
      routeTables: tablesIn(
        network.gatewayRouteTableIds,
        region.network.existing?.routeTables ?? [gatewaysTable],
      ),
    },
    opts,
  );
}

function tablesIn(ids: pulumi.Output<Record<string, string>>, names: readonly string[]) {
  return names.map((name) => ({
    name,
    id: ids.apply((all) => all[name] ?? missing(`route table "${name}"`)),
  }));
}

/** By name: an existing network's by their ids. */
function routeTablesOf({ network }: PlannedRegion): readonly string[] {
  return network.existing?.routeTables ?? [workloadsTable];
}

/** An existing network's tables are named by their ids, so that one more changes no other's logical name. */
function networkArgs({
  subnets,
  existing,
}: PlannedNetwork): Pick<GatewayNetworkArgs, "subnets" | "existing"> {
  return {
    subnets: subnets.map(({ name, role, zone, cidr, ipv6, ipv6Place }) => {
      const id = existing?.subnetIds[name];
      return {
        name,
        // Endpoints of a Route Server live with the gateways.
        role: role === "gateway" ? role : "workload",
        cidr,
        ...(ipv6 === undefined ? {} : { ipv6 }),
        ...(ipv6Place === undefined ? {} : { ipv6Place }),
        ...(zone === undefined ? {} : { zone }),
        ...(id === undefined ? {} : { id }),
      };
    }),
    ...(existing === undefined
      ? {}
      : {
          existing: {
            networkId: existing.id,
            routeTables: existing.routeTables.map((id) => ({ name: id, id })),
          },
        }),
  };
}

function regionHandover(
  region: PlannedRegion,
  network: GatewayNetwork,
  pair: HaGatewayPair,
  transit: TransitGateway | undefined,
): pulumi.Output<RegionHandover> {
  const {
    instanceIds,
    systems,
    privateAddresses,
    ipv6Addresses,
    publicAddresses,
    bootstrapHostKeys,
    pushKey,
    endpointAddresses,
    networkInterfaceIds,
    movedAllocationId,
    movedPublicAddress,
    movedPrivateAddresses,
  } = pair;
  return pulumi
    .output({
      networkId: network.networkId,
      securityGroupId: network.securityGroupId,
      instanceIds,
      systems,
      privateAddresses,
      ipv6Addresses,
      publicAddresses,
      bootstrapHostKeys,
      pushKey,
      endpointAddresses,
      networkInterfaceIds,
      routeTableIds: network.routeTableIds,
      transitGatewayId: transit?.transitGatewayId,
      // Whoever waits for the region waits for its Connect peers.
      connectPeerIds: transit?.connectPeerIds,
      movedAllocationId,
      movedPublicAddress,
      movedPrivateAddresses,
    })
    .apply((made) =>
      handoverOf(
        region,
        made,
        ({ letter, subnet }) => ({
          routerAddress: routerAddress(subnetOf(region, subnet).cidr),
          ...ipv6Of(subnetOf(region, subnet), made.ipv6Addresses[letter]),
        }),
        {
          ...(region.routeService.kind === "agent"
            ? {
                agent: {
                  routeTables: routeTableIdsOf(region, made.routeTableIds),
                  interfaces: Object.fromEntries(
                    region.gateways.map(({ id, letter }) => [
                      id,
                      made.networkInterfaceIds[letter] ?? missing(`network interface of ${id}`),
                    ]),
                  ),
                },
              }
            : {}),
          ...(made.transitGatewayId === undefined
            ? {}
            : {
                transitGateway: {
                  id: made.transitGatewayId,
                  routeTables: routeTableIdsOf(region, made.routeTableIds),
                },
              }),
          ...(region.shared === undefined
            ? {}
            : {
                shared: {
                  publicAddress: made.movedPublicAddress ?? missing(`address that ${region.name} shares`),
                  allocationId: made.movedAllocationId ?? missing(`address that ${region.name} shares`),
                  privateAddresses: Object.fromEntries(
                    region.gateways.map(({ id, letter }) => [
                      id,
                      made.movedPrivateAddresses?.[letter] ?? missing(`second private address of ${id}`),
                    ]),
                  ),
                },
              }),
        },
      ),
    );
}

function routeTableIdsOf(
  region: PlannedRegion,
  ids: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    routeTablesOf(region).map((table) => [table, ids[table] ?? missing(`route table "${table}"`)]),
  );
}

/**
 * Of a subnet with IPv6: the gateway's address in it, and its router. A preview of a region that is to have one may show
 * none yet, as the network interface was before.
 */
function ipv6Of(
  { ipv6, ipv6Place }: PlannedSubnet,
  address: string | undefined,
): Pick<GatewayHandover, "ipv6"> {
  if (ipv6 === undefined && ipv6Place === undefined) return {};
  if (address === undefined || address === "")
    return pulumi.runtime.isDryRun() ? {} : missing(`IPv6 address in ${ipv6 ?? "Amazon's block"}`);
  const prefix = limits.ipv6SubnetPrefix;
  return { ipv6: { address, prefix, router: routerAddress6(`${address}/${prefix}`) } };
}

function subnetOf(region: PlannedRegion, name: string): PlannedSubnet {
  return (
    region.network.subnets.find((subnet) => subnet.name === name) ??
    missing(`subnet "${name}" of ${region.name}`)
  );
}
