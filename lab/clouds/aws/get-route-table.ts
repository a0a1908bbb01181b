import { z } from "zod";
import { isIpv6 } from "../../world/address";
import type { Network, Route } from "../../world/model";
import { objectsOf } from "../../world/world";
import type { CloudFunction } from "../provider/provider";
import type { Account } from "./context";
import { mainTableOf, noMatch, questionOf } from "./find";

/** @see Pulumi Registry, aws.ec2.getRouteTable; local routes are left out (terraform-provider-aws, `dataSourceRoutesRead`) */
export const getRouteTable: CloudFunction<Account> = {
  token: "aws:ec2/getRouteTable:getRouteTable",
  async invoke(given, context) {
    const { routeTableId } = questionOf("getRouteTable", { routeTableId: z.string() }, given);
    const found = await tableOf(routeTableId, context);
    if (found?.network.cloudRegion !== context.region) throw noMatch("EC2 Route Table");
    return {
      id: routeTableId,
      routeTableId,
      arn: context.arn("route-table", routeTableId),
      vpcId: found.network.id,
      ownerId: context.id,
      region: context.region,
      routes: found.routes.map(routeOf),
    };
  },
};

/** @see Pulumi Registry, aws.ec2.getRouteTables: no match is no error */
export const getRouteTables: CloudFunction<Account> = {
  token: "aws:ec2/getRouteTables:getRouteTables",
  async invoke(given, context) {
    const filter = z.strictObject({
      name: z.literal("association.subnet-id", "has no stand-in for another filter"),
      values: z.array(z.string()).min(1),
    });
    const { filters } = questionOf("getRouteTables", { filters: z.array(filter).length(1) }, given);
    const subnets = filters.flatMap(({ values }) => values);
    const world = await context.world();
    const here = objectsOf(world, "network")
      .filter(({ cloudRegion }) => cloudRegion === context.region)
      .map(({ id }) => id);
    // Only associations that somebody made: a subnet with the main table has none (EC2, DescribeRouteTables).
    const ids = objectsOf(world, "subnet")
      .filter(({ id, network }) => subnets.includes(id) && here.includes(network))
      .flatMap(({ routeTable }) => (routeTable === undefined ? [] : [routeTable]));
    return { id: context.region, region: context.region, filters, ids: [...new Set(ids)].sort() };
  },
};

async function tableOf(
  id: string,
  context: Account,
): Promise<{ readonly network: Network; readonly routes: readonly Route[] } | undefined> {
  const networks = objectsOf(await context.world(), "network");
  const main = networks.find((network) => mainTableOf(network.id) === id);
  if (main !== undefined) return { network: main, routes: [] };
  const table = await context.find("routeTable", id);
  const network = networks.find((candidate) => candidate.id === table?.network);
  return table === undefined || network === undefined ? undefined : { network, routes: table.routes };
}

/** Every kind of target stands in every route, and those that it has not are empty. */
function routeOf({ cidr, target }: Route) {
  const to =
    "internetGateway" in target
      ? { gatewayId: target.internetGateway }
      : "transitGateway" in target
        ? { transitGatewayId: target.transitGateway }
        : { networkInterfaceId: target.interface };
  const none = { gatewayId: "", networkInterfaceId: "", natGatewayId: "", transitGatewayId: "" };
  const destination = isIpv6(cidr)
    ? { cidrBlock: "", ipv6CidrBlock: cidr }
    : { cidrBlock: cidr, ipv6CidrBlock: "" };
  return { ...destination, ...none, ...to };
}
