import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { partsOf } from "./name";
import { priorities } from "./network.plan";
import { peerPorts, planPeerRules } from "./peer-rules.plan";

export interface PeerArgs {
  /** Gateway id, such as `weu-a`. */
  gateway: string;
  /** The gateway's public IPv4 address. */
  address: pulumi.Input<string>;
}

export interface PeerRulesArgs {
  /** Id of the gateways' network security group. */
  securityGroupId: pulumi.Input<string>;
  /** Every gateway that may call. */
  peers: PeerArgs[];
}

/** Admits the peers of a region's gateways to UDP 500 and 4500, each by its own address. */
export class PeerRules extends pulumi.ComponentResource {
  /** How many security rules were made. */
  readonly ruleCount: pulumi.Output<number>;

  constructor(name: string, args: PeerRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:PeerRules", name, {}, opts);
    const plan = planPeerRules({ peers: args.peers.map(({ gateway }) => gateway) });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const group = pulumi.output(args.securityGroupId).apply(partsOf);
    if (plan.value.rule)
      new azureNetwork.SecurityRule(
        `${name}-ike`,
        {
          resourceGroupName: group.resourceGroupName,
          networkSecurityGroupName: group.name,
          securityRuleName: "peers",
          description: "IKE, and IKE and ESP in UDP, from the other regions' gateways",
          access: "Allow",
          direction: "Inbound",
          priority: priorities.peers,
          protocol: "Udp",
          // In an order of their own, so that a peer's new address moves nobody else.
          sourceAddressPrefixes: pulumi
            .all(args.peers.map(({ address }) => address))
            .apply((addresses) => addresses.map((address) => `${address}/32`).sort()),
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRanges: [...peerPorts],
        },
        { parent: this },
      );
    this.ruleCount = pulumi.output(plan.value.rule ? 1 : 0);
    this.registerOutputs({ ruleCount: this.ruleCount });
  }
}
