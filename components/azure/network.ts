import * as azureNetwork from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { planNetwork } from "./network.plan";
import { tagsFor } from "./tags";

export const SubnetRole = {
  /** Holds gateways. */
  Gateway: "gateway",
  /** Holds the Route Server's instances, and nothing else. */
  RouteService: "route-service",
  /** Holds workloads. */
  Workload: "workload",
} as const;
export type SubnetRole = (typeof SubnetRole)[keyof typeof SubnetRole];

export interface GatewaySubnetArgs {
  /** Unique in the network, such as `gateways`; of the Route Server's `RouteServerSubnet`. */
  name: string;
  /** What the subnet holds. */
  role: SubnetRole;
  /** Canonical IPv4 block within the region's, /29 or larger; of the Route Server's /26 or larger. */
  cidr: string;
}

export interface GatewayNetworkArgs {
  /** The fleet's name: the beginning of names in the subscription. */
  fleet: string;
  /** The region's name in the fleet, such as `weu`. */
  region: string;
  /** Azure's own name of the region, such as `westeurope`. */
  cloudRegion: string;
  /** The region's IPv4 blocks: what it announces to the others. */
  cidrs: string[];
  /** One for gateways and one for the Route Server at least; none may overlap. They are the region's, whatever the zone. */
  subnets: GatewaySubnetArgs[];
  /** IPv4 blocks that SSH to the gateways is admitted from; at least one, never the whole internet. */
  managementAllowFrom: string[];
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
  /** Whether resource group and network are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * The network of a region's gateways and workloads, in a resource group of its own: a virtual network, its subnets, and the
 * gateways' network security group, which admits SSH from the management ranges and the region's own traffic, nothing else.
 * Rules towards peers come with `PeerRules`; rules towards workloads are the user's.
 */
export class GatewayNetwork extends pulumi.ComponentResource {
  readonly resourceGroupName: pulumi.Output<string>;
  /** Id of the virtual network. */
  readonly networkId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** Id of the gateways' network security group. */
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: GatewayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:GatewayNetwork", name, {}, opts);
    const plan = planNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const kept = { ...parent, protect: args.protect ?? true };
    const common = { location: args.cloudRegion, tags: tagsFor(args) };

    const group = new resources.ResourceGroup(
      `${name}-group`,
      { resourceGroupName: `${args.fleet}-${args.region}`, ...common },
      kept,
    );
    const inGroup = { resourceGroupName: group.name };
    const network = new azureNetwork.VirtualNetwork(
      `${name}-vnet`,
      {
        ...inGroup,
        ...common,
        virtualNetworkName: resourceName(args, "network"),
        addressSpace: { addressPrefixes: args.cidrs },
      },
      kept,
    );
    const subnets: (readonly [string, azureNetwork.Subnet])[] = [];
    for (const { name: subnet, cidr } of args.subnets) {
      const before = subnets.at(-1)?.[1];
      subnets.push([
        subnet,
        new azureNetwork.Subnet(
          `${name}-${subnet}`,
          {
            ...inGroup,
            virtualNetworkName: network.name,
            subnetName: subnet,
            addressPrefix: cidr,
            // The way to the internet is what a machine has been given.
            defaultOutboundAccess: false,
          },
          // A network takes one change at a time (Microsoft Learn, "Resolve errors: AnotherOperationInProgress").
          { ...parent, dependsOn: before === undefined ? [] : [before] },
        ),
      ]);
    }
    const firewall = new azureNetwork.NetworkSecurityGroup(
      `${name}-firewall`,
      { ...inGroup, ...common, networkSecurityGroupName: resourceName(args, "gateways") },
      parent,
    );
    for (const rule of plan.value)
      new azureNetwork.SecurityRule(
        `${name}-${rule.name}`,
        {
          ...inGroup,
          networkSecurityGroupName: firewall.name,
          securityRuleName: rule.name,
          description: rule.description,
          access: rule.access,
          direction: rule.direction,
          priority: rule.priority,
          protocol: rule.protocol,
          ...oneOrMany(rule.sources, "sourceAddressPrefix", "sourceAddressPrefixes"),
          ...oneOrMany(rule.destinations, "destinationAddressPrefix", "destinationAddressPrefixes"),
          sourcePortRange: "*",
          ...oneOrMany(rule.ports, "destinationPortRange", "destinationPortRanges"),
        },
        parent,
      );

    this.resourceGroupName = group.name;
    this.networkId = network.id;
    this.subnetIds = pulumi.output(Object.fromEntries(subnets.map(([subnet, { id }]) => [subnet, id])));
    this.securityGroupId = firewall.id;
    this.registerOutputs({
      resourceGroupName: this.resourceGroupName,
      networkId: this.networkId,
      subnetIds: this.subnetIds,
      securityGroupId: this.securityGroupId,
    });
  }
}

/** `*` stands in the field of one alone (Azure REST API reference, "Security Rules - Create Or Update"). */
function oneOrMany<O extends string, M extends string>(values: readonly string[], one: O, many: M) {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 && only === "*"
    ? { [one]: only }
    : { [many]: [...values] };
}
