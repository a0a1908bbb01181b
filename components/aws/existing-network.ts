import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import {
  checkExistingNetwork,
  type ExistingNetworkClaim,
  type ExistingNetworkFacts,
  internetGatewayOf,
  type SubnetFacts,
} from "./existing-network.plan";

export interface CheckedNetwork {
  readonly networkId: string;
  readonly internetGatewayId: string;
  /** By the names given. */
  readonly subnetIds: Record<string, string>;
  readonly routeTableIds: Record<string, string>;
}

/**
 * A network that is there already, looked at and found to be as said. Whoever takes its ids from here is made only
 * after that, so that nothing is made in a network that is another than the user meant. Questions only: whatever is
 * in a Pulumi state would go with it.
 */
export function checkedNetwork(
  claim: pulumi.Input<ExistingNetworkClaim>,
  parent: pulumi.Resource,
): pulumi.Output<CheckedNetwork> {
  return pulumi.output(claim).apply(async (said) => {
    const facts = await factsOf(said, { parent });
    const problems = checkExistingNetwork(said, facts);
    const internetGatewayId = internetGatewayOf(facts);
    if (problems.length > 0 || internetGatewayId === undefined)
      throw new pulumi.ResourceError(explain(problems), parent);
    const byName = (named: readonly { readonly name: string; readonly id: string }[]) =>
      Object.fromEntries(named.map(({ name, id }) => [name, id]));
    return {
      networkId: said.networkId,
      internetGatewayId,
      subnetIds: byName(said.subnets),
      routeTableIds: byName(said.routeTables),
    };
  });
}

async function factsOf(
  { networkId, subnets, routeTables }: ExistingNetworkClaim,
  opts: pulumi.InvokeOptions,
): Promise<ExistingNetworkFacts> {
  const network = await found(networkId, ec2.getVpc({ id: networkId }, opts));
  const subnetFacts = subnets.map(
    async ({ id }) => [id, await subnetFactsOf(id, network.mainRouteTableId, opts)] as const,
  );
  const tables = routeTables.map(
    async ({ id }) => [id, (await found(id, ec2.getRouteTable({ routeTableId: id }, opts))).vpcId] as const,
  );
  return {
    blocks: network.cidrBlockAssociations.map(({ cidrBlock }) => cidrBlock),
    subnets: Object.fromEntries(await Promise.all(subnetFacts)),
    routeTables: Object.fromEntries(await Promise.all(tables)),
  };
}

async function subnetFactsOf(
  id: string,
  mainRouteTableId: string,
  opts: pulumi.InvokeOptions,
): Promise<SubnetFacts> {
  const { vpcId, cidrBlock, availabilityZone } = await found(id, ec2.getSubnet({ id }, opts));
  // A subnet without a table of its own has the main one, and is then among no table's associations (EC2 API reference,
  // DescribeRouteTables: filter association.subnet-id).
  const filters = [{ name: "association.subnet-id", values: [id] }];
  const { ids } = await found(id, ec2.getRouteTables({ filters }, opts));
  const routeTableId = ids[0] ?? mainRouteTableId;
  const { routes } = await found(routeTableId, ec2.getRouteTable({ routeTableId }, opts));
  return {
    networkId: vpcId,
    cidr: cidrBlock,
    availabilityZone,
    routeTableId,
    routes: routes.map(({ cidrBlock: cidr, gatewayId }) => ({ cidr, gatewayId })),
  };
}

/** The provider's own words do not say which id it was. */
async function found<T>(id: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${id} cannot be looked at: ${why}. Look whether it is in this account and region, and whether the credentials may describe it.`,
      { cause: error },
    );
  }
}
