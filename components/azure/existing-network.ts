import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import {
  checkExistingNetwork,
  type ExistingNetworkClaim,
  type ExistingNetworkFacts,
  type NetworkPlaces,
  placesIn,
  type RouteFacts,
  type SubnetFacts,
} from "./existing-network.plan";
import { partsOf } from "./name";

export interface CheckedNetwork {
  readonly networkId: string;
  /** By the names given. */
  readonly subnetIds: Record<string, string>;
  /** Where what is ours is made. */
  readonly resourceGroupName: string;
}

/**
 * A virtual network that is there already, looked at and found to be as said. Whoever takes ids from here is made only
 * after that, so that nothing is made in a network that is another than the user meant. Questions only: whatever is in a
 * Pulumi state would go with it.
 */
export function checkedNetwork(
  claim: pulumi.Input<ExistingNetworkClaim>,
  parent: pulumi.Resource,
): pulumi.Output<CheckedNetwork> {
  return pulumi.output(claim).apply(async (said) => {
    const places = placesIn(said);
    if (!places.ok) throw new pulumi.ResourceError(explain(places.problems), parent);
    const problems = checkExistingNetwork(said, await networkFacts(said, places.value, { parent }));
    if (problems.length > 0) throw new pulumi.ResourceError(explain(problems), parent);
    return {
      networkId: said.networkId,
      subnetIds: Object.fromEntries(said.subnets.map(({ name, id }) => [name, id])),
      resourceGroupName: said.resourceGroupName,
    };
  });
}

/**
 * What Azure says of it.
 * @throws Error that names what cannot be looked at
 */
export async function networkFacts(
  { networkId }: Pick<ExistingNetworkClaim, "networkId">,
  { resourceGroupName, virtualNetworkName, subnets }: NetworkPlaces,
  opts: pulumi.InvokeOptions,
): Promise<ExistingNetworkFacts> {
  const inNetwork = { resourceGroupName, virtualNetworkName };
  const {
    id = "",
    location = "",
    addressSpace,
  } = await found(networkId, azureNetwork.getVirtualNetwork(inNetwork, opts));
  const asked = subnets.map(async ({ id: subnetId, subnetName }) => {
    const subnet = await found(subnetId, azureNetwork.getSubnet({ ...inNetwork, subnetName }, opts));
    return [subnetId, await subnetFacts(subnet, opts)] as const;
  });
  return {
    id,
    location,
    blocks: addressSpace?.addressPrefixes ?? [],
    subnets: Object.fromEntries(await Promise.all(asked)),
  };
}

async function subnetFacts(
  subnet: azureNetwork.GetSubnetResult,
  opts: pulumi.InvokeOptions,
): Promise<SubnetFacts> {
  const { addressPrefix, networkSecurityGroup, natGateway, routeTable } = subnet;
  const several = listed(subnet.addressPrefixes);
  return {
    cidrs: several.length === 0 && addressPrefix !== undefined ? [addressPrefix] : several,
    ...(networkSecurityGroup?.id === undefined ? {} : { securityGroupId: networkSecurityGroup.id }),
    ...(natGateway?.id === undefined ? {} : { natGatewayId: natGateway.id }),
    ...(routeTable?.id === undefined
      ? {}
      : { routeTable: { id: routeTable.id, routes: await routesOf(routeTable.id, opts) } }),
    delegations: listed(subnet.delegations).map(({ serviceName, name = "" }) => serviceName ?? name),
    users: listed(subnet.ipConfigurations).flatMap(({ id }) => id ?? []),
  };
}

/** A subnet says of its table nothing but the id. */
async function routesOf(id: string, opts: pulumi.InvokeOptions): Promise<readonly RouteFacts[]> {
  const { resourceGroupName, name } = partsOf(id);
  const table = await found(
    id,
    azureNetwork.getRouteTable({ resourceGroupName, routeTableName: name }, opts),
  );
  return listed(table.routes).map(({ name: route = "", addressPrefix = "", nextHopType }) => ({
    name: route,
    prefix: addressPrefix,
    nextHop: nextHopType,
  }));
}

/** An answer leaves out what is empty, also where its type does not say so. */
function listed<T>(values: readonly T[] | undefined): readonly T[] {
  return values ?? [];
}

/** The provider's own words do not say which id it was. */
async function found<T>(id: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${id} cannot be looked at: ${why}. Look whether it is in this subscription, and whether the credentials may read it.`,
      { cause: error },
    );
  }
}
