import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";

export interface RemoteRouteTableArgs {
  /** Unique among the tables; part of logical names. */
  name: string;
  /** The route table's id: `rtb-…`. */
  id: pulumi.Input<string>;
}

export interface RemoteRoutesArgs {
  /** Route tables of the workloads' subnets. */
  routeTables: RemoteRouteTableArgs[];
  /** Other regions' networks, canonical IPv4 CIDRs. */
  prefixes: string[];
  /** Where a route that is made leads at first: the preferred gateway's network interface. Either this or the next. */
  networkInterfaceId?: pulumi.Input<string>;
  /** Where routes lead for good: a transit gateway that the network is attached to. */
  transitGatewayId?: pulumi.Input<string>;
}

/**
 * A static route to each other region in each of a network's tables, where gateways move the routes themselves. The
 * engine makes and deletes them. Where they lead is the gateways' to say, as traffic needs it: a route that they have moved
 * is no drift, and `up` does not move it back, which would send the network to a gateway that may be lost. With
 * `transitGatewayId` all lead to the transit gateway, and stay.
 */
export class RemoteRoutes extends pulumi.ComponentResource {
  /** How many routes were made. */
  readonly routeCount: pulumi.Output<number>;

  constructor(name: string, args: RemoteRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:RemoteRoutes", name, {}, opts);
    const { networkInterfaceId, transitGatewayId } = args;
    if ((networkInterfaceId === undefined) === (transitGatewayId === undefined))
      throw new pulumi.ResourceError(
        "networkInterfaceId: A route leads either to a network interface or to a transit gateway. Give exactly one of networkInterfaceId and transitGatewayId.",
        this,
      );
    for (const { name: table, id } of args.routeTables)
      for (const prefix of args.prefixes)
        new ec2.Route(
          `${name}-${table}-${prefix.replace("/", "-")}`,
          {
            routeTableId: id,
            destinationCidrBlock: prefix,
            ...(networkInterfaceId === undefined ? {} : { networkInterfaceId }),
            ...(transitGatewayId === undefined ? {} : { transitGatewayId }),
          },
          { parent: this, ignoreChanges: networkInterfaceId === undefined ? [] : ["networkInterfaceId"] },
        );
    this.routeCount = pulumi.output(args.routeTables.length * args.prefixes.length);
    this.registerOutputs({ routeCount: this.routeCount });
  }
}
