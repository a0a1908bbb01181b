import * as transit from "@pulumi/aws/ec2transitgateway";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { planManagedGateway } from "./managed-gateway.plan";
import { tagsFor } from "./tags";

export interface ManagedVpnGatewayArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`. */
  region: string;
  /** Its ASN: 64512–65534 or 4200000000–4294967294, another than any customer gateway's. */
  asn: number;
  /** Id of the VPC that it joins. */
  networkId: pulumi.Input<string>;
  /** Subnets that it is attached in, one in each zone; what lives in another zone does not reach it. */
  subnetIds: pulumi.Input<string>[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
}

/**
 * AWS' own VPN gateway of a region: a transit gateway that is attached to the region's network, and takes Site-to-Site VPN
 * connections (`ManagedVpnConnection`). Flows spread over all tunnels that tell it the same (ECMP). The routes that lead the
 * network to it are `RemoteRoutes`.
 */
export class ManagedVpnGateway extends pulumi.ComponentResource {
  /** Id of the transit gateway, once the network is attached to it: `tgw-…`. */
  readonly transitGatewayId: pulumi.Output<string>;

  constructor(name: string, args: ManagedVpnGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:ManagedVpnGateway", name, {}, opts);
    const plan = planManagedGateway(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
    const gateway = new transit.TransitGateway(
      `${name}-gateway`,
      {
        description: `${args.fleet} ${args.region}`,
        amazonSideAsn: plan.value.asn,
        // What is attached joins the one table, and tells it its routes: a VPN attachment has no resource of its own to say so.
        defaultRouteTableAssociation: "enable",
        defaultRouteTablePropagation: "enable",
        vpnEcmpSupport: "enable",
        // Nobody else's network joins by itself.
        autoAcceptSharedAttachments: "disable",
        ...tags("gateway"),
      },
      parent,
    );
    const attachment = new transit.VpcAttachment(
      `${name}-network`,
      { transitGatewayId: gateway.id, vpcId: args.networkId, subnetIds: args.subnetIds, ...tags("network") },
      parent,
    );
    this.transitGatewayId = pulumi.all([gateway.id, attachment.id]).apply(([id]) => id);
    this.registerOutputs({ transitGatewayId: this.transitGatewayId });
  }
}
