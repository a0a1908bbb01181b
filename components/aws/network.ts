import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { subnet64 } from "../block";
import { checkedNetwork } from "./existing-network";
import { gatewaysTable, type NetworkPlan, planNetwork, workloadsTable } from "./network.plan";
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
  /** Suffix of the availability zone, `a` of `us-east-1a`; of a new subnet only. */
  zone?: string;
  /** Canonical IPv4 block within the network's. */
  cidr: string;
  /** A /64 of the network's IPv6 block, where it has one. */
  ipv6?: string;
  /** Of a network whose IPv6 block Amazon chooses: which /64 of it the subnet has, 0 to 255. */
  ipv6Place?: number;
  /** Id of a subnet that is there already; with `existing` only. */
  id?: pulumi.Input<string>;
}

export interface ExistingRouteTableArgs {
  /** Unique among the route tables; part of logical names. */
  name: string;
  /** Its id: `rtb-…`. */
  id: pulumi.Input<string>;
}

export interface ExistingNetworkArgs {
  /** Id of the VPC: `vpc-…`. */
  networkId: pulumi.Input<string>;
  /** The tables that take the routes to other regions; at least one. */
  routeTables: ExistingRouteTableArgs[];
}

export interface NetworkIpv6Args {
  /** Canonical IPv6 block, /44 to /60 in steps of 4. */
  cidr: string;
  /** Id of the pool that it is taken from: `ipam-pool-…` of IPAM, or `ipv6pool-ec2-…` of addresses brought to AWS. */
  pool: string;
}

export interface GatewayNetworkArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`, for tags. */
  region: string;
  /** AWS's own name of the region, such as `us-east-1`. */
  cloudRegion: string;
  /** The network's IPv4 blocks, /16 to /28; the first is a new VPC's primary. Of an existing one, what is the region's. */
  cidrs: string[];
  /** The IPv6 block of a new VPC, beside IPv4. */
  ipv6?: NetworkIpv6Args;
  /**
   * Whether the gateways speak to those of other networks over IPv6: their subnets are routed to the internet in it as well.
   * Without `ipv6` a new VPC gets a block of Amazon's choice. Default false.
   */
  outsideIpv6?: boolean;
  /** At least one for gateways; none may overlap. */
  subnets: GatewaySubnetArgs[];
  /** A network that is there already, in place of a new one: nothing of it is changed or deleted. */
  existing?: ExistingNetworkArgs;
  /**
   * Whether the gateways' subnets need routes of their own as well. Tables of an existing network are then among
   * `existing.routeTables`, or it is refused. Default false.
   */
  gatewayRoutes?: boolean;
  /** IPv4 blocks that SSH to the gateways is admitted from; at least one, never the whole internet. */
  managementAllowFrom: string[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
  /** Whether a new VPC is protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * The network of a region's gateways and workloads: a new VPC with subnets, a public and a private route table; or one
 * that is there already, which is looked at and left as it is. In either the gateways' security group, which admits SSH
 * from the management ranges and the network's own traffic, nothing else. Rules towards peers come with `PeerRules`.
 */
export class GatewayNetwork extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly networkId: pulumi.Output<string>;
  readonly internetGatewayId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** Of the gateways. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Ids by name of the route tables that take the routes to other regions; of a new network one, `workloads`. */
  readonly routeTableIds: pulumi.Output<Record<string, string>>;
  /** Ids by name of the tables that the gateways' subnets have; of an existing network, of all that were named. */
  readonly gatewayRouteTableIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: GatewayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:GatewayNetwork", name, {}, opts);
    const { existing } = args;
    const plan = planNetwork({
      ...withoutIds(args),
      ...(existing === undefined ? {} : { existing: namesOf(existing, args.subnets) }),
    });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { ingress } = plan.value;
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });

    const network =
      existing === undefined
        ? newNetwork(name, args, plan.value, this)
        : existingNetwork(existing, args, this);

    const group = new ec2.SecurityGroup(
      `${name}-gateways`,
      // Egress is a rule of its own: the provider removes the rule that AWS adds to a new group.
      {
        vpcId: network.networkId,
        description: `Gateways of ${args.fleet} in ${args.region}`,
        ...tags("gateways"),
      },
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
          ...(rule.cidr.includes(":") ? { cidrIpv6: rule.cidr } : { cidrIpv4: rule.cidr }),
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

    if (args.ipv6 !== undefined)
      new vpc.SecurityGroupEgressRule(
        `${name}-out-ipv6`,
        {
          securityGroupId,
          description: "Decrypted traffic to workloads",
          ipProtocol: "-1",
          cidrIpv6: args.ipv6.cidr,
          ...tags("out-ipv6"),
        },
        parent,
      );

    if (args.outsideIpv6 === true)
      for (const [rule, port] of Object.entries(toPeers))
        new vpc.SecurityGroupEgressRule(
          `${name}-out-${rule}-ipv6`,
          {
            securityGroupId,
            description: "IKE and ESP in UDP to peers over IPv6",
            ipProtocol: "udp",
            fromPort: port,
            toPort: port,
            cidrIpv6: "::/0",
            ...tags(`out-${rule}-ipv6`),
          },
          parent,
        );

    this.networkId = network.networkId;
    this.internetGatewayId = network.internetGatewayId;
    this.subnetIds = network.subnetIds;
    this.securityGroupId = securityGroupId;
    this.routeTableIds = network.routeTableIds;
    this.gatewayRouteTableIds = network.gatewayRouteTableIds;
    this.registerOutputs({
      networkId: this.networkId,
      internetGatewayId: this.internetGatewayId,
      subnetIds: this.subnetIds,
      securityGroupId: this.securityGroupId,
      routeTableIds: this.routeTableIds,
      gatewayRouteTableIds: this.gatewayRouteTableIds,
    });
  }
}

/** Over IPv6 a gateway sends to the internet what is for its peers, and nothing else (RFC 7296 section 2.23). */
const toPeers = { ike: 500, nat: 4500 } as const;

interface NetworkOutputs {
  readonly networkId: pulumi.Output<string>;
  readonly internetGatewayId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  readonly routeTableIds: pulumi.Output<Record<string, string>>;
  readonly gatewayRouteTableIds: pulumi.Output<Record<string, string>>;
}

/** What is the user's is asked about and nothing more. */
function existingNetwork(
  { networkId, routeTables }: ExistingNetworkArgs,
  { cidrs, subnets, gatewayRoutes = false }: GatewayNetworkArgs,
  parent: pulumi.Resource,
): NetworkOutputs {
  const made = checkedNetwork(
    pulumi.output({
      networkId,
      cidrs,
      subnets: subnets.map(({ name, id = "", cidr }) => ({ name, id, cidr })),
      routeTables: routeTables.map(({ name, id }) => ({ name, id })),
      gatewayRoutes,
    }),
    parent,
  );
  return {
    networkId: made.networkId,
    internetGatewayId: made.internetGatewayId,
    subnetIds: made.subnetIds,
    routeTableIds: made.routeTableIds,
    gatewayRouteTableIds: made.routeTableIds,
  };
}

function newNetwork(
  name: string,
  args: GatewayNetworkArgs,
  { primaryCidr, secondaryCidrs, ipv6, subnets }: NetworkPlan,
  parent: pulumi.Resource,
): NetworkOutputs {
  const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
  const { outsideIpv6 = false } = args;
  const network = new ec2.Vpc(
    `${name}-vpc`,
    {
      cidrBlock: primaryCidr,
      // The VPC's own field: beside an association of its own, the provider would see a block that nobody asked for
      // (terraform-provider-aws, `resourceVPCRead`).
      ...(outsideIpv6 && ipv6 === undefined ? { assignGeneratedIpv6CidrBlock: true } : {}),
      enableDnsSupport: true,
      enableDnsHostnames: true,
      ...tags("vpc"),
    },
    {
      parent,
      protect: args.protect ?? true,
      ...(ipv6 === undefined && !outsideIpv6 ? kept("assignGeneratedIpv6CidrBlock") : {}),
    },
  );
  const more: pulumi.Resource[] = secondaryCidrs.map(
    (cidrBlock, index) =>
      new ec2.VpcIpv4CidrBlockAssociation(
        `${name}-cidr-${index + 2}`,
        { vpcId: network.id, cidrBlock },
        { parent },
      ),
  );
  if (ipv6 !== undefined)
    more.push(
      new ec2.VpcIpv6CidrBlockAssociation(
        `${name}-ipv6`,
        {
          vpcId: network.id,
          ipv6CidrBlock: ipv6.cidr,
          ...(ipv6.ipamPool === undefined ? {} : { ipv6IpamPoolId: ipv6.ipamPool }),
          ...(ipv6.ownPool === undefined ? {} : { ipv6Pool: ipv6.ownPool }),
        },
        { parent },
      ),
    );
  const internet = new ec2.InternetGateway(
    `${name}-internet`,
    { vpcId: network.id, ...tags("internet") },
    { parent },
  );
  const tables = {
    public: new ec2.RouteTable(`${name}-public`, { vpcId: network.id, ...tags("public") }, { parent }),
    private: new ec2.RouteTable(`${name}-private`, { vpcId: network.id, ...tags("private") }, { parent }),
  };
  new ec2.Route(
    `${name}-public-default`,
    { routeTableId: tables.public.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
    { parent },
  );
  if (outsideIpv6)
    new ec2.Route(
      `${name}-public-default-ipv6`,
      { routeTableId: tables.public.id, destinationIpv6CidrBlock: "::/0", gatewayId: internet.id },
      { parent },
    );
  const made = subnets.map(({ name: subnet, cidr, ipv6: cidr6, ipv6Place, availabilityZone, routes }) => {
    const resource = new ec2.Subnet(
      `${name}-${subnet}`,
      // Gateways have fixed addresses of their own; nothing else gets a public one.
      {
        vpcId: network.id,
        cidrBlock: cidr,
        ...(cidr6 === undefined ? {} : { ipv6CidrBlock: cidr6 }),
        ...(ipv6Place === undefined
          ? {}
          : { ipv6CidrBlock: network.ipv6CidrBlock.apply((block) => subnet64(block, ipv6Place)) }),
        availabilityZone,
        mapPublicIpOnLaunch: false,
        ...tags(subnet),
      },
      {
        parent,
        dependsOn: more,
        ...(ipv6 === undefined && !outsideIpv6 && routes === "public" ? kept("ipv6CidrBlock") : {}),
      },
    );
    const association = new ec2.RouteTableAssociation(
      `${name}-${subnet}-routes`,
      { subnetId: resource.id, routeTableId: tables[routes].id },
      { parent },
    );
    // Whoever uses the subnet finds its routes in place.
    return pulumi.all([resource.id, association.id]).apply(([id]): [string, string] => [subnet, id]);
  });
  return {
    networkId: network.id,
    internetGatewayId: internet.id,
    subnetIds: pulumi.all(made).apply((entries) => Object.fromEntries(entries)),
    routeTableIds: tables.private.id.apply((id): Record<string, string> => ({ [workloadsTable]: id })),
    gatewayRouteTableIds: tables.public.id.apply((id): Record<string, string> => ({ [gatewaysTable]: id })),
  };
}

/**
 * Where gateways spoke IPv6 once, blocks that Amazon gave stay when they do no more: it takes one back only from what has
 * no user, and the engine changes the network before the interfaces that use it (EC2 API reference,
 * "DisassociateVpcCidrBlock", "DisassociateSubnetCidrBlock").
 */
function kept(field: string): { readonly ignoreChanges: string[] } {
  return { ignoreChanges: [field] };
}

function withoutIds({
  cloudRegion,
  cidrs,
  ipv6,
  outsideIpv6 = false,
  subnets,
  managementAllowFrom,
}: GatewayNetworkArgs) {
  return {
    cloudRegion,
    cidrs,
    ...(ipv6 === undefined ? {} : { ipv6 }),
    outsideIpv6,
    subnets: subnets.map(({ name, role, zone, cidr, ipv6: cidr6, ipv6Place }) => ({
      name,
      role,
      cidr,
      ...(cidr6 === undefined ? {} : { ipv6: cidr6 }),
      ...(ipv6Place === undefined ? {} : { ipv6Place }),
      ...(zone === undefined ? {} : { zone }),
    })),
    managementAllowFrom,
  };
}

function namesOf({ routeTables }: ExistingNetworkArgs, subnets: readonly GatewaySubnetArgs[]) {
  return {
    subnets: subnets.filter(({ id }) => id !== undefined).map(({ name }) => name),
    routeTables: routeTables.map(({ name }) => name),
  };
}
