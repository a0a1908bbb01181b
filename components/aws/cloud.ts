import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedNetwork, PlannedRegion, PlannedSubnet } from "../../fleet/plan";
import type { Cloud } from "../backbone/cloud";
import { systemNamed } from "../../fleet/system";
import { type GatewayHandover, type RegionHandover, regionFormat } from "../handover";
import { routerAddress } from "./block";
import { GatewayNetwork, type GatewayNetworkArgs } from "./network";
import { workloadsTable } from "./network.plan";
import { HaGatewayPair } from "./pair";
import { PeerRules } from "./peer-rules";
import { RemoteRoutes } from "./remote-routes";

/** Who a first connection logs in as; user data admits the push key to it and to nobody else. */
const sshUser = "root";

export const awsCloud: Cloud = {
  // Regional by name: a resource can end up in no other region, whatever the environment's default is.
  provider: (name, { cloudRegion }, opts) => new Provider(name, { region: cloudRegion }, opts),

  region(name, { fleet, region, protect }, opts) {
    const common = { fleet, region: region.name, tags: { ...region.tags }, protect };
    const network = new GatewayNetwork(
      `${name}-network`,
      {
        ...common,
        cloudRegion: region.cloudRegion,
        cidrs: [...region.cidrs],
        ...networkArgs(region.network),
        managementAllowFrom: [...region.managementAllowFrom],
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
        routeTables: routeTablesOf(region).map((table) => ({
          name: table,
          id: network.routeTableIds.apply((ids) => ids[table] ?? missing(`route table "${table}"`)),
        })),
        gateways: region.gateways.map(({ letter, subnet, size, system, imageEpoch }) => ({
          letter,
          subnetId: subnetId(subnet),
          subnetCidr: subnetOf(region, subnet).cidr,
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
      },
      opts,
    );
    return regionHandover(region, network, pair);
  },

  admitPeers: (name, { fleet, region, securityGroupId, peers }, opts) =>
    new PeerRules(
      `${name}-peers`,
      {
        fleet,
        region: region.name,
        securityGroupId,
        otherRules: region.managementAllowFrom.length + region.cidrs.length,
        peers: peers.map(({ gateway, address }) => ({ gateway, address })),
        tags: { ...region.tags },
      },
      opts,
    ),

  remoteRoutes: (name, { tables, prefixes, tableId, networkInterfaceId }, opts) =>
    new RemoteRoutes(
      `${name}-remote`,
      {
        routeTables: tables.map((table) => ({ name: table, id: tableId(table) })),
        prefixes: [...prefixes],
        networkInterfaceId,
      },
      opts,
    ),

  routeTables: routeTablesOf,
};

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
    subnets: subnets.map(({ name, role, zone, cidr }) => {
      const id = existing?.subnetIds[name];
      return {
        name,
        role,
        cidr,
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
): pulumi.Output<RegionHandover> {
  const {
    instanceIds,
    systems,
    privateAddresses,
    publicAddresses,
    bootstrapHostKeys,
    pushKey,
    endpointAddresses,
    networkInterfaceIds,
  } = pair;
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
      endpointAddresses,
      networkInterfaceIds,
      routeTableIds: network.routeTableIds,
    })
    .apply((made): RegionHandover => ({
      format: regionFormat,
      region: region.name,
      cloud: region.cloud,
      cloudRegion: region.cloudRegion,
      networkId: made.networkId,
      securityGroupId: made.securityGroupId,
      routeService: {
        ...(region.routeService.kind === "service" ? { asn: region.routeService.asn } : {}),
        endpoints: region.routeService.endpoints.map(({ name }) => ({
          name,
          address: made.endpointAddresses[name] ?? missing(`address of endpoint "${name}"`),
        })),
      },
      ...(region.routeService.kind === "agent"
        ? {
            agent: {
              routeTables: Object.fromEntries(
                routeTablesOf(region).map((table) => [
                  table,
                  made.routeTableIds[table] ?? missing(`route table "${table}"`),
                ]),
              ),
              interfaces: Object.fromEntries(
                region.gateways.map(({ id, letter }) => [
                  id,
                  made.networkInterfaceIds[letter] ?? missing(`network interface of ${id}`),
                ]),
              ),
            },
          }
        : {}),
      gateways: region.gateways.map(({ id, letter, subnet, imageEpoch }): GatewayHandover => ({
        id,
        imageEpoch,
        instanceId: made.instanceIds[letter] ?? missing(`machine of ${id}`),
        system: systemNamed(made.systems[letter]) ?? missing(`system of ${id}`),
        privateAddress: made.privateAddresses[letter] ?? missing(`private address of ${id}`),
        publicAddress: made.publicAddresses[letter] ?? missing(`public address of ${id}`),
        routerAddress: routerAddress(subnetOf(region, subnet).cidr),
        sshUser,
        pushKey: made.pushKey,
        bootstrapHostKey: made.bootstrapHostKeys[letter] ?? missing(`bootstrap host key of ${id}`),
      })),
    }));
}

function subnetOf(region: PlannedRegion, name: string): PlannedSubnet {
  return (
    region.network.subnets.find((subnet) => subnet.name === name) ??
    missing(`subnet "${name}" of ${region.name}`)
  );
}

/** The plan refers to something that it does not hold: a fault in the plan, not in what the user wrote. */
function missing(what: string): never {
  throw new Error(`The plan or the cloud names no ${what}. Derive the plan again from the fleet file.`);
}
