import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { checkedKey } from "../managed-tunnels";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { planManagedConnection, presharedKeys } from "./managed-connection.plan";
import { tagsFor } from "./tags";
import { configurationId } from "./vpn-inside";

export interface ManagedVpnConnectionArgs {
  /** The fleet's name: the beginning of names in the subscription. */
  fleet: string;
  /** The region's name in the fleet, such as `weu`. */
  region: string;
  /** Azure's own name of the region, such as `westeurope`. */
  cloudRegion: string;
  /** Name of the resource group that it is made in. */
  resourceGroupName: pulumi.Input<string>;
  /** Id of the VPN gateway. */
  vpnGatewayId: pulumi.Input<string>;
  /** The /30 that the VPN gateway's own addresses inside of its tunnels are in, as `ManagedVpnGateway` has it. */
  insideCidr: string;
  /** Id of the gateway at the other end, such as `use1-a`: part of names. */
  peer: string;
  /** Public IPv4 address of that gateway, which is its IKE identity, too. */
  peerAddress: pulumi.Input<string>;
  /** The ASN of that gateway. */
  peerAsn: number;
  /** A /30 of 169.254.0.0/16, none of Azure's own range: its second address is that gateway's inside of both tunnels. */
  peerInsideCidr: string;
  /** IKE proposal in strongSwan's words, one transform for each role: all that Azure is to take. */
  ike: string;
  /** ESP proposal in the same words, with a group. */
  esp: string;
  /** After which a child SA is over: 300 or more. An IKE SA is over after 28800. */
  childLifetimeSeconds: number;
  /** 9 to 3600. */
  dpdTimeoutSeconds: number;
  /** One for both tunnels: 1 to 128 printable characters of ASCII, without space, "-" and "~". Secret. */
  presharedKey: pulumi.Input<string>;
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
}

/**
 * Azure's end of the tunnels to one gateway: that gateway as a local network gateway, and a connection with it, which has a tunnel
 * from each instance of the VPN gateway, and BGP inside of both. Its suite is the only one that Azure takes; the other end calls.
 */
export class ManagedVpnConnection extends pulumi.ComponentResource {
  /** Id of the connection. */
  readonly connectionId: pulumi.Output<string>;

  constructor(name: string, args: ManagedVpnConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:ManagedVpnConnection", name, {}, opts);
    const plan = planManagedConnection(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { policy, peerInside, instances } = plan.value;
    const parent = { parent: this };
    const common = {
      resourceGroupName: args.resourceGroupName,
      location: args.cloudRegion,
      tags: tagsFor(args),
    };
    const peer = new azureNetwork.LocalNetworkGateway(
      `${name}-peer`,
      {
        ...common,
        localNetworkGatewayName: resourceName(args, args.peer),
        gatewayIpAddress: args.peerAddress,
        // No address space: what is behind it is told by BGP alone ("How to configure BGP on Azure VPN Gateways").
        bgpSettings: { asn: args.peerAsn, bgpPeeringAddress: peerInside },
      },
      parent,
    );
    const connection = new azureNetwork.VirtualNetworkGatewayConnection(
      `${name}-connection`,
      {
        ...common,
        virtualNetworkGatewayConnectionName: resourceName(args, args.peer),
        connectionType: "IPsec",
        connectionProtocol: "IKEv2",
        // The other end calls, and calls again ("About VPN Gateway configuration settings", Connection mode).
        connectionMode: "ResponderOnly",
        virtualNetworkGateway1: { id: args.vpnGatewayId },
        localNetworkGateway2: { id: peer.id },
        enableBgp: true,
        gatewayCustomBgpIpAddresses: instances.map(({ name: instance, inside }) => ({
          customBgpIpAddress: inside,
          ipConfigurationId: pulumi.output(args.vpnGatewayId).apply((id) => configurationId(id, instance)),
        })),
        ipsecPolicies: [{ ...policy }],
        usePolicyBasedTrafficSelectors: false,
        dpdTimeoutSeconds: args.dpdTimeoutSeconds,
        sharedKey: pulumi.secret(
          pulumi.output(args.presharedKey).apply((key) => checkedKey(key, presharedKeys, "presharedKey")),
        ),
      },
      { ...parent, additionalSecretOutputs: ["sharedKey"] },
    );
    this.connectionId = connection.id;
    this.registerOutputs({ connectionId: this.connectionId });
  }
}
