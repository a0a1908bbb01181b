import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { planManagedNetwork } from "./managed-network.plan";
import { workloadsTable } from "./network.plan";
import { tagsFor } from "./tags";

export interface ManagedSubnetArgs {
  /** Unique in the network, such as `workload-a`. */
  name: string;
  /** Suffix of the availability zone, `a` of `us-east-1a`. */
  zone: string;
  /** Canonical IPv4 block within the network's. */
  cidr: string;
}

export interface ManagedNetworkArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`, for tags. */
  region: string;
  /** AWS's own name of the region, such as `us-east-1`. */
  cloudRegion: string;
  /** The network's IPv4 blocks, /16 to /28; the first is the VPC's primary. */
  cidrs: string[];
  /** None may overlap. */
  subnets: ManagedSubnetArgs[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
  /** Whether the VPC is protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A network that a managed gateway joins to others: a VPC with subnets and one route table, which takes the routes to other
 * regions. Nothing of it leads to the internet, for nothing of ours lives there.
 */
export class ManagedNetwork extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly networkId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** Ids by name of the route tables that take the routes to other regions: one, `workloads`. */
  readonly routeTableIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ManagedNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:ManagedNetwork", name, {}, opts);
    const plan = planManagedNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
    const network = new ec2.Vpc(
      `${name}-vpc`,
      {
        cidrBlock: plan.value.primaryCidr,
        enableDnsSupport: true,
        enableDnsHostnames: true,
        ...tags("vpc"),
      },
      { ...parent, protect: args.protect ?? true },
    );
    const more = plan.value.secondaryCidrs.map(
      (cidrBlock, index) =>
        new ec2.VpcIpv4CidrBlockAssociation(
          `${name}-cidr-${index + 2}`,
          { vpcId: network.id, cidrBlock },
          parent,
        ),
    );
    const table = new ec2.RouteTable(`${name}-private`, { vpcId: network.id, ...tags("private") }, parent);
    const made = plan.value.subnets.map(({ name: subnet, cidr, availabilityZone }) => {
      const resource = new ec2.Subnet(
        `${name}-${subnet}`,
        {
          vpcId: network.id,
          cidrBlock: cidr,
          availabilityZone,
          mapPublicIpOnLaunch: false,
          ...tags(subnet),
        },
        { ...parent, dependsOn: more },
      );
      const association = new ec2.RouteTableAssociation(
        `${name}-${subnet}-routes`,
        { subnetId: resource.id, routeTableId: table.id },
        parent,
      );
      // Whoever uses the subnet finds its routes in place.
      return pulumi.all([resource.id, association.id]).apply(([id]): [string, string] => [subnet, id]);
    });
    this.networkId = network.id;
    this.subnetIds = pulumi.all(made).apply((entries) => Object.fromEntries(entries));
    this.routeTableIds = table.id.apply((id): Record<string, string> => ({ [workloadsTable]: id }));
    this.registerOutputs({
      networkId: this.networkId,
      subnetIds: this.subnetIds,
      routeTableIds: this.routeTableIds,
    });
  }
}
