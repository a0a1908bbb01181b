import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { planNetwork } from "./network.plan";
import { tagsFor } from "./tags";

export const SubnetRole = {
  /** Holds gateways; routed to the internet. */
  Gateway: "gateway",
  /** Holds workloads; routed to the other regions through the gateways. */
  Workload: "workload",
} as const;
export type SubnetRole = (typeof SubnetRole)[keyof typeof SubnetRole];

export interface GatewaySubnetArgs {
  /** Unique in the network, such as `gateway-a`. */
  name: string;
  /** What the subnet holds decides how it is routed. */
  role: SubnetRole;
  /** Suffix of the availability zone: `a` of `us-east-1a`. */
  zone: string;
  /** Canonical IPv4 block within the network's. */
  cidr: string;
}

export interface GatewayNetworkArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`, for tags. */
  region: string;
  /** AWS's own name of the region, such as `us-east-1`. */
  cloudRegion: string;
  /** The network's IPv4 blocks, /16 to /28; the first is the VPC's primary. */
  cidrs: string[];
  /** At least one for gateways; none may overlap. */
  subnets: GatewaySubnetArgs[];
  /** IPv4 blocks that SSH to the gateways is admitted from; at least one, never the whole internet. */
  managementAllowFrom: string[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
  /** Whether the VPC is protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A new VPC for a region's gateways and workloads: subnets, a public and a private route table, and the gateways'
 * security group, which admits SSH from the management ranges and the network's own traffic, nothing else. Rules
 * towards peers come with `PeerRules`.
 */
export class GatewayNetwork extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly networkId: pulumi.Output<string>;
  readonly internetGatewayId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** Of the gateways. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Route table of the workloads' subnets: it takes the routes to other regions. */
  readonly privateRouteTableId: pulumi.Output<string>;

  constructor(name: string, args: GatewayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:GatewayNetwork", name, {}, opts);
    const plan = planNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { primaryCidr, secondaryCidrs, subnets, ingress } = plan.value;
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });

    const network = new ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock: primaryCidr, enableDnsSupport: true, enableDnsHostnames: true, ...tags("vpc") },
      { ...parent, protect: args.protect ?? true },
    );
    const more = secondaryCidrs.map(
      (cidrBlock, index) =>
        new ec2.VpcIpv4CidrBlockAssociation(
          `${name}-cidr-${index + 2}`,
          { vpcId: network.id, cidrBlock },
          parent,
        ),
    );
    const internet = new ec2.InternetGateway(
      `${name}-internet`,
      { vpcId: network.id, ...tags("internet") },
      parent,
    );
    const tables = {
      public: new ec2.RouteTable(`${name}-public`, { vpcId: network.id, ...tags("public") }, parent),
      private: new ec2.RouteTable(`${name}-private`, { vpcId: network.id, ...tags("private") }, parent),
    };
    new ec2.Route(
      `${name}-public-default`,
      { routeTableId: tables.public.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
      parent,
    );
    const made = subnets.map(({ name: subnet, cidr, availabilityZone, routes }) => {
      const resource = new ec2.Subnet(
        `${name}-${subnet}`,
        // Gateways have fixed addresses of their own; nothing else gets a public one.
        { vpcId: network.id, cidrBlock: cidr, availabilityZone, mapPublicIpOnLaunch: false, ...tags(subnet) },
        { ...parent, dependsOn: more },
      );
      const association = new ec2.RouteTableAssociation(
        `${name}-${subnet}-routes`,
        { subnetId: resource.id, routeTableId: tables[routes].id },
        parent,
      );
      // Whoever uses the subnet finds its routes in place.
      return pulumi.all([resource.id, association.id]).apply(([id]): [string, string] => [subnet, id]);
    });

    const group = new ec2.SecurityGroup(
      `${name}-gateways`,
      // Egress is a rule of its own: the provider removes the rule that AWS adds to a new group.
      { vpcId: network.id, description: `Gateways of ${args.fleet} in ${args.region}`, ...tags("gateways") },
      parent,
    );
    const securityGroupId = group.id;
    for (const rule of ingress)
      new vpc.SecurityGroupIngressRule(
        `${name}-${rule.name}`,
        {
          securityGroupId,
          description: rule.description,
          ipProtocol: rule.protocol,
          cidrIpv4: rule.cidr,
          ...(rule.ports === undefined ? {} : { fromPort: rule.ports.from, toPort: rule.ports.to }),
          ...tags(rule.name),
        },
        parent,
      );
    new vpc.SecurityGroupEgressRule(
      `${name}-out`,
      {
        securityGroupId,
        description: "Peers, packages, and decrypted traffic to workloads",
        ipProtocol: "-1",
        cidrIpv4: "0.0.0.0/0",
        ...tags("out"),
      },
      parent,
    );

    this.networkId = network.id;
    this.internetGatewayId = internet.id;
    this.subnetIds = pulumi.all(made).apply((entries) => Object.fromEntries(entries));
    this.securityGroupId = securityGroupId;
    this.privateRouteTableId = tables.private.id;
    this.registerOutputs({
      networkId: this.networkId,
      internetGatewayId: this.internetGatewayId,
      subnetIds: this.subnetIds,
      securityGroupId: this.securityGroupId,
      privateRouteTableId: this.privateRouteTableId,
    });
  }
}
