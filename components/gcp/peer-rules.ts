import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { peerPorts, planPeerRules } from "./peer-rules.plan";

export interface PeerArgs {
  /** Gateway id, such as `euw1-a`. */
  gateway: string;
  /** The gateway's public IPv4 address. */
  address: pulumi.Input<string>;
}

export interface PeerRulesArgs {
  /** The fleet's name: the beginning of names in the project. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Id of the VPC network. */
  networkId: pulumi.Input<string>;
  /** The network tag that makes a machine one of the gateways. */
  gatewayTag: pulumi.Input<string>;
  /** Every gateway that may call. */
  peers: PeerArgs[];
}

/** Admits the peers of a region's gateways to UDP 500 and 4500, each by its own address. */
export class PeerRules extends pulumi.ComponentResource {
  /** How many firewall rules were made. */
  readonly ruleCount: pulumi.Output<number>;

  constructor(name: string, args: PeerRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:PeerRules", name, {}, opts);
    const plan = planPeerRules({ peers: args.peers.map(({ gateway }) => gateway) });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    if (plan.value.rule)
      new compute.Firewall(
        `${name}-ike`,
        {
          name: resourceName(args, "peers"),
          description: "IKE, and IKE and ESP in UDP, from the other regions' gateways",
          network: args.networkId,
          direction: "INGRESS",
          // In an order of their own, so that a peer's new address moves nobody else.
          sourceRanges: pulumi
            .all(args.peers.map(({ address }) => address))
            .apply((addresses) => addresses.map((address) => `${address}/32`).sort()),
          targetTags: [args.gatewayTag],
          allows: [{ protocol: "udp", ports: [...peerPorts] }],
        },
        { parent: this },
      );
    this.ruleCount = pulumi.output(plan.value.rule ? 1 : 0);
    this.registerOutputs({ ruleCount: this.ruleCount });
  }
}
