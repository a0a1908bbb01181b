import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { planManagedNetwork } from "./managed-network.plan";

export interface ManagedSubnetArgs {
  /** Unique in the network, such as `workloads`; part of its name in the project. */
  name: string;
  /** Canonical IPv4 block within the region's. */
  cidr: string;
}

export interface ManagedNetworkArgs {
  /** The fleet's name: the beginning of names in the project. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Google's own name of the region, such as `europe-west1`. */
  cloudRegion: string;
  /** The region's IPv4 blocks: what it announces to the others. */
  cidrs: string[];
  /** None may overlap. They are the region's, whatever the zone. */
  subnets: ManagedSubnetArgs[];
  /** Bytes of a packet, 1300 to 8896; default 1460. */
  mtu?: number;
  /** Whether the network is protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A network that a managed gateway joins to others: a VPC network with subnets in one region. No machine of ours is in it, and so
 * no firewall rule: what may reach workloads is the user's to say, as everywhere, and until then Google admits nothing.
 */
export class ManagedNetwork extends pulumi.ComponentResource {
  /** Id of the VPC network. */
  readonly networkId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ManagedNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:ManagedNetwork", name, {}, opts);
    const plan = planManagedNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const network = new compute.Network(
      `${name}-vpc`,
      {
        name: resourceName(args, "network"),
        description: `Workloads of ${args.fleet} in ${args.region}`,
        autoCreateSubnetworks: false,
        // What this region's Cloud Router learns is of no other region's business.
        routingMode: "REGIONAL",
        mtu: plan.value.mtu,
      },
      { ...parent, protect: args.protect ?? true },
    );
    const subnets = args.subnets.map(({ name: subnet, cidr }) => {
      const { id } = new compute.Subnetwork(
        `${name}-${subnet}`,
        {
          name: resourceName(args, subnet),
          region: args.cloudRegion,
          network: network.id,
          ipCidrRange: cidr,
        },
        parent,
      );
      return [subnet, id] as const;
    });
    this.networkId = network.id;
    this.subnetIds = pulumi.output(Object.fromEntries(subnets));
    this.registerOutputs({ networkId: this.networkId, subnetIds: this.subnetIds });
  }
}
