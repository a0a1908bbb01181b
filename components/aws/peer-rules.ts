import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { planPeerRules } from "./peer-rules.plan";
import { tagsFor } from "./tags";

export const AddressFamily = {
  Ipv4: "ipv4",
  Ipv6: "ipv6",
} as const;
export type AddressFamily = (typeof AddressFamily)[keyof typeof AddressFamily];

export interface PeerArgs {
  /** Gateway id, such as `euw1-a`: names its rules. */
  gateway: string;
  /** The gateway's public address. */
  address: pulumi.Input<string>;
  /** What the address is of; default `ipv4`. */
  family?: AddressFamily;
}

export interface PeerRulesArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`, for tags. */
  region: string;
  /** The gateways' security group. */
  securityGroupId: pulumi.Input<string>;
  /** Inbound rules of IPv4 that the group already has; what is left of AWS's quota decides how exact these can be. */
  otherRules: number;
  /** And of IPv6, which has a quota of its own. Default 0. */
  otherIpv6Rules?: number;
  /** Every gateway that may call. */
  peers: PeerArgs[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
}

/** Admits the peers of a region's gateways to UDP 500 and 4500, as exactly as a security group's quota allows. */
export class PeerRules extends pulumi.ComponentResource {
  /** How many inbound rules were made. */
  readonly ruleCount: pulumi.Output<number>;

  constructor(name: string, args: PeerRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:PeerRules", name, {}, opts);
    const idsOf = (family: AddressFamily) =>
      args.peers.filter((peer) => (peer.family ?? "ipv4") === family).map(({ gateway }) => gateway);
    const plan = planPeerRules({
      peers: idsOf(AddressFamily.Ipv4),
      ipv6Peers: idsOf(AddressFamily.Ipv6),
      otherRules: args.otherRules,
      otherIpv6Rules: args.otherIpv6Rules ?? 0,
    });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const addresses = new Map(args.peers.map(({ gateway, address }) => [gateway, address]));
    for (const { name: rule, family, description, peer, ports } of plan.value) {
      const address = peer === undefined ? undefined : addresses.get(peer);
      new vpc.SecurityGroupIngressRule(
        `${name}-${rule}`,
        {
          securityGroupId: args.securityGroupId,
          description,
          ipProtocol: "udp",
          fromPort: ports.from,
          toPort: ports.to,
          ...(family === "ipv6"
            ? { cidrIpv6: address === undefined ? "::/0" : pulumi.interpolate`${address}/128` }
            : { cidrIpv4: address === undefined ? "0.0.0.0/0" : pulumi.interpolate`${address}/32` }),
          tags: tagsFor(args, `${name}-${rule}`),
        },
        { parent: this },
      );
    }
    this.ruleCount = pulumi.output(plan.value.length);
    this.registerOutputs({ ruleCount: this.ruleCount });
  }
}
