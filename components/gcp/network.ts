import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { gatewayTag } from "./name";
import { planNetwork } from "./network.plan";

export const SubnetRole = {
  /** Holds gateways, and the Cloud Router's interfaces. */
  Gateway: "gateway",
  /** Holds workloads. */
  Workload: "workload",
} as const;
export type SubnetRole = (typeof SubnetRole)[keyof typeof SubnetRole];

export interface GatewaySubnetArgs {
  /** Unique in the network, such as `gateways`; part of its name in the project. */
  name: string;
  /** What the subnet holds. */
  role: SubnetRole;
  /** Canonical IPv4 block within the region's; of a gateways' subnet one of RFC 1918. */
  cidr: string;
}

export interface GatewayNetworkArgs {
  /** The fleet's name: the beginning of names in the project. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Google's own name of the region, such as `europe-west1`. */
  cloudRegion: string;
  /** The region's IPv4 blocks: what it announces to the others. */
  cidrs: string[];
  /** At least one for gateways; none may overlap. They are the region's, whatever the zone. */
  subnets: GatewaySubnetArgs[];
  /** IPv4 blocks that SSH to the gateways is admitted from; at least one, never the whole internet. */
  managementAllowFrom: string[];
  /** Bytes of a packet, 1300 to 8896; default 1460. */
  mtu?: number;
  /** Whether the network is protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * The network of a region's gateways and workloads: a VPC network with subnets in one region, and firewall rules that admit
 * SSH from the management ranges and the region's own traffic to the gateways, nothing else. Rules towards peers come with
 * `PeerRules`; rules towards workloads are the user's.
 */
export class GatewayNetwork extends pulumi.ComponentResource {
  /** Id of the VPC network. */
  readonly networkId: pulumi.Output<string>;
  /** Subnet ids by the names given. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** The network tag that makes a machine one of the gateways for the firewall. */
  readonly gatewayTag: pulumi.Output<string>;

  constructor(name: string, args: GatewayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:GatewayNetwork", name, {}, opts);
    const plan = planNetwork(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { mtu, rules } = plan.value;
    const parent = { parent: this };
    const tag = gatewayTag(args);

    const network = new compute.Network(
      `${name}-vpc`,
      {
        name: resourceName(args, "network"),
        description: `Gateways and workloads of ${args.fleet} in ${args.region}`,
        autoCreateSubnetworks: false,
        // What gateways of this region tell its Cloud Router is of no other region's business.
        routingMode: "REGIONAL",
        mtu,
      },
      { ...parent, protect: args.protect ?? true },
    );
    const subnets = args.subnets.map(
      ({ name: subnet, cidr }) =>
        [
          subnet,
          new compute.Subnetwork(
            `${name}-${subnet}`,
            {
              name: resourceName(args, subnet),
              region: args.cloudRegion,
              network: network.id,
              ipCidrRange: cidr,
            },
            parent,
          ),
        ] as const,
    );
    for (const rule of rules)
      new compute.Firewall(
        `${name}-${rule.name}`,
        {
          name: resourceName(args, rule.name),
          description: rule.description,
          network: network.id,
          direction: "INGRESS",
          sourceRanges: [...rule.sourceRanges],
          targetTags: [tag],
          allows: [
            { protocol: rule.protocol, ...(rule.ports === undefined ? {} : { ports: [...rule.ports] }) },
          ],
        },
        parent,
      );

    this.networkId = network.id;
    this.subnetIds = pulumi.output(Object.fromEntries(subnets.map(([subnet, { id }]) => [subnet, id])));
    this.gatewayTag = pulumi.output(tag);
    this.registerOutputs({
      networkId: this.networkId,
      subnetIds: this.subnetIds,
      gatewayTag: this.gatewayTag,
    });
  }
}
