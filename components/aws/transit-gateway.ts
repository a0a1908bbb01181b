import * as ec2 from "@pulumi/aws/ec2";
import * as transit from "@pulumi/aws/ec2transitgateway";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { tagsFor } from "./tags";
import { greProtocol, planTransitGateway } from "./transit-gateway.plan";

export interface TransitPeerArgs {
  /** The gateway's letter: `a`, `b`, …. */
  letter: string;
  /** The gateway's private address: its end of GRE. */
  privateAddress: pulumi.Input<string>;
  /** The transit gateway's end of GRE, of its `cidr`. */
  address: string;
  /** A /29 of 169.254.0.0/16 for BGP's addresses: the first is the gateway's, the next two the transit gateway's. */
  insideNetwork: string;
}

export interface TransitRouteTableArgs {
  /** Unique among the tables; part of logical names. */
  name: string;
  /** The route table's id: `rtb-…`. */
  id: pulumi.Input<string>;
}

export interface TransitGatewayArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`. */
  region: string;
  /** The transit gateway's ASN: 64512–65534 or 4200000000–4294967294, another than the gateways'. */
  asn: number;
  /** ASN of every gateway of the region. */
  gatewayAsn: number;
  /** Where the transit gateway's own addresses come from: a /24 or larger that nobody uses. */
  cidr: string;
  /** Id of the VPC. */
  networkId: pulumi.Input<string>;
  /** Subnets that it is attached in, one in each zone; what lives in another zone does not reach it. */
  subnetIds: pulumi.Input<string>[];
  /** The gateways' security group; it gets a rule for GRE from each end of the transit gateway's. */
  securityGroupId: pulumi.Input<string>;
  /** One for each gateway, 1 to 4. */
  peers: TransitPeerArgs[];
  /** Tables of the gateways' subnets: they get a route to `cidr`. */
  routeTables: TransitRouteTableArgs[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
}

/**
 * A transit gateway of a region's own, attached to its network, that speaks BGP with every gateway inside GRE (Transit
 * Gateway Connect) and spreads the flows of the network over them. The routes that lead the network to it are `RemoteRoutes`.
 */
export class TransitGateway extends pulumi.ComponentResource {
  /** Id of the transit gateway, once the network is attached to it: `tgw-…`. */
  readonly transitGatewayId: pulumi.Output<string>;
  /** Connect peers by the gateway's letter: `tgw-connect-peer-…`. */
  readonly connectPeerIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: TransitGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:TransitGateway", name, {}, opts);
    const plan = planTransitGateway(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });

    // An existing network's id is known once it was looked at: until then, nothing that costs money.
    const known = pulumi.output(args.networkId).apply((): pulumi.Resource[] => []);
    const gateway = new transit.TransitGateway(
      `${name}-gateway`,
      {
        description: `${args.fleet} ${args.region}`,
        amazonSideAsn: args.asn,
        transitGatewayCidrBlocks: [args.cidr],
        // Nobody else's network joins by itself.
        autoAcceptSharedAttachments: "disable",
        ...tags("gateway"),
      },
      { ...parent, dependsOn: known },
    );
    const attachment = new transit.VpcAttachment(
      `${name}-network`,
      {
        transitGatewayId: gateway.id,
        vpcId: args.networkId,
        subnetIds: args.subnetIds,
        ...tags("network"),
      },
      parent,
    );
    const connect = new transit.Connect(
      `${name}-connect`,
      { transitGatewayId: gateway.id, transportAttachmentId: attachment.id, ...tags("connect") },
      parent,
    );
    for (const rule of plan.value.ingress)
      new vpc.SecurityGroupIngressRule(
        `${name}-${rule.name}`,
        {
          securityGroupId: args.securityGroupId,
          description: rule.description,
          ipProtocol: greProtocol,
          cidrIpv4: rule.cidr,
          ...tags(rule.name),
        },
        parent,
      );
    for (const table of args.routeTables)
      new ec2.Route(
        `${name}-${table.name}`,
        {
          routeTableId: table.id,
          destinationCidrBlock: args.cidr,
          transitGatewayId: gateway.id,
        },
        // AWS refuses a route to a transit gateway that the network is not attached to.
        { ...parent, dependsOn: [attachment] },
      );
    const peers = args.peers.map(({ letter, privateAddress, address, insideNetwork }) => {
      const peer = new transit.ConnectPeer(
        `${name}-${letter}`,
        {
          transitGatewayAttachmentId: connect.id,
          peerAddress: privateAddress,
          transitGatewayAddress: address,
          insideCidrBlocks: [insideNetwork],
          bgpAsn: String(args.gatewayAsn),
          ...tags(letter),
        },
        parent,
      );
      return peer.id.apply((id): [string, string] => [letter, id]);
    });

    this.transitGatewayId = pulumi.all([gateway.id, attachment.id]).apply(([id]) => id);
    this.connectPeerIds = pulumi.all(peers).apply((entries) => Object.fromEntries(entries));
    this.registerOutputs({
      transitGatewayId: this.transitGatewayId,
      connectPeerIds: this.connectPeerIds,
    });
  }
}
