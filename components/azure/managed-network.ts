import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { planManagedNetwork } from "./managed-network.plan";
import { newNetwork } from "./new-network";
import { tagsFor } from "./tags";

export interface ManagedSubnetArgs {
  /** Unique in the network, such as `workloads`; of the VPN gateway's `GatewaySubnet`. */
  name: string;
  /** Canonical IPv4 block within the region's; of the VPN gateway's /27 or larger. */
  cidr: string;
}

export interface ManagedNetworkArgs {
  /** The fleet's name: the beginning of names in the subscription. */
  fleet: string;
  /** The region's name in the fleet, such as `weu`. */
  region: string;
  /** Azure's own name of the region, such as `westeurope`. */
  cloudRegion: string;
  /** The region's IPv4 blocks: what it announces to the others. */
  cidrs: string[];
  /** One for the VPN gateway at least; none may overlap. They are the region's, whatever the zone. */
  subnets: ManagedSubnetArgs[];
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
  /** Whether the resource group and the network are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A network that a managed gateway joins to others: a resource group of the region's own, a virtual network and its subnets. No
 * machine of ours is in it, and so no network security group; the gateway's own subnet takes none (Microsoft Learn, "About VPN
 * Gateway configuration settings", Gateway subnet). What may reach workloads is the user's to say.
 */
export class ManagedNetwork extends pulumi.ComponentResource {
  readonly resourceGroupName: pulumi.Output<string>;
  /** Id of the virtual network. */
  readonly networkId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ManagedNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:ManagedNetwork", name, {}, opts);
    const plan = planManagedNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const kept = { parent: this, protect: args.protect ?? true };
    const common = { location: args.cloudRegion, tags: tagsFor(args) };
    const group = new resources.ResourceGroup(
      `${name}-group`,
      { resourceGroupName: `${args.fleet}-${args.region}`, ...common },
      kept,
    );
    const network = newNetwork(name, args, { resourceGroupName: group.name, ...common }, kept);
    this.resourceGroupName = group.name;
    this.networkId = network.networkId;
    this.subnetIds = network.subnetIds;
    this.registerOutputs({
      resourceGroupName: this.resourceGroupName,
      networkId: this.networkId,
      subnetIds: this.subnetIds,
    });
  }
}
