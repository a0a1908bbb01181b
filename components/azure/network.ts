import * as azureNetwork from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { checkedNetwork } from "./existing-network";
import { type NetworkOutputs, newNetwork } from "./new-network";
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
  /** Resource id of a subnet that is there already; with `existing` only. */
  id?: pulumi.Input<string>;
}

export interface ExistingNetworkArgs {
  /** Resource id of the virtual network: `/subscriptions/…/virtualNetworks/…`. */
  networkId: pulumi.Input<string>;
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
  /** A network that is there already, in place of a new one: nothing of it is changed or deleted. */
  existing?: ExistingNetworkArgs;
  /** IPv4 blocks that SSH to the gateways is admitted from; at least one, never the whole internet. */
  managementAllowFrom: string[];
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
  /** Whether the resource group and a new network are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * The network of a region's gateways and workloads: a new virtual network with its subnets, or one that is there already, which
 * is looked at and left as it is. In either case a resource group of the region's own, and in it the gateways' network security
 * group, which admits SSH from the management ranges and the region's own traffic, nothing else. Rules towards peers come with
 * `PeerRules`; rules towards workloads are the user's.
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
    const { existing } = args;
    const plan = planNetwork({
      ...args,
      existing: existing !== undefined,
      subnets: args.subnets.map(({ id, ...subnet }) => ({ ...subnet, given: id !== undefined })),
    });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const kept = { ...parent, protect: args.protect ?? true };
    const common = { location: args.cloudRegion, tags: tagsFor(args) };

    const groupName = `${args.fleet}-${args.region}`;
    const given = existing === undefined ? undefined : existingNetwork(existing, groupName, args, this);
    const group = new resources.ResourceGroup(
      `${name}-group`,
      // Of a network that is there already known once that was looked at: until then, nothing is made.
      { resourceGroupName: given?.resourceGroupName ?? groupName, ...common },
      kept,
    );
    const inGroup = { resourceGroupName: group.name };
    const network = given ?? newNetwork(name, args, { ...inGroup, ...common }, kept);
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
    this.networkId = network.networkId;
    this.subnetIds = network.subnetIds;
    this.securityGroupId = firewall.id;
    this.registerOutputs({
      resourceGroupName: this.resourceGroupName,
      networkId: this.networkId,
      subnetIds: this.subnetIds,
      securityGroupId: this.securityGroupId,
    });
  }
}

/** What is the user's is asked about and nothing more. */
function existingNetwork(
  { networkId }: ExistingNetworkArgs,
  resourceGroupName: string,
  { cloudRegion, cidrs, subnets }: GatewayNetworkArgs,
  parent: pulumi.Resource,
): NetworkOutputs & { readonly resourceGroupName: pulumi.Output<string> } {
  const checked = checkedNetwork(
    pulumi.output({
      networkId,
      cloudRegion,
      resourceGroupName,
      cidrs,
      subnets: subnets.map(({ name, role, id = "", cidr }) => ({ name, role, id, cidr })),
    }),
    parent,
  );
  return {
    networkId: checked.networkId,
    subnetIds: checked.subnetIds,
    resourceGroupName: checked.resourceGroupName,
  };
}

/** `*` stands in the field of one alone (Azure REST API reference, "Security Rules - Create Or Update"). */
function oneOrMany<O extends string, M extends string>(values: readonly string[], one: O, many: M) {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 && only === "*"
    ? { [one]: only }
    : { [many]: [...values] };
}
