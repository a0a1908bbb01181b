import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { checkedKey } from "../managed-tunnels";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { limits } from "./limits";
import { planManagedConnection, presharedKeys } from "./managed-connection.plan";
import { labelsFor } from "./tags";

export interface ManagedTunnelArgs {
  /** A /30 of 169.254.0.0/16: Google's end has the first address, the gateway the second. Unique in the network. */
  insideCidr: string;
  /** 32 characters or more. Secret. */
  presharedKey: pulumi.Input<string>;
}

export interface ManagedVpnConnectionArgs {
  /** The fleet's name: the beginning of names in the project, and a label. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Google's own name of the region, such as `europe-west1`. */
  cloudRegion: string;
  /** Id of the HA VPN gateway. */
  vpnGatewayId: pulumi.Input<string>;
  /** Name of the Cloud Router. */
  routerName: pulumi.Input<string>;
  /** Id of the gateway at the other end, such as `use1-a`: part of names. */
  peer: string;
  /** Public IPv4 address of that gateway, which is its IKE identity, too. */
  peerAddress: pulumi.Input<string>;
  /** The ASN of that gateway. */
  peerAsn: number;
  /** IKE proposal in strongSwan's words, one transform for each role: all that Google is to take. */
  ike: string;
  /** ESP proposal in the same words, with a group: HA VPN needs forward secrecy. */
  esp: string;
  /** From interface 0 and from interface 1. */
  tunnels: ManagedTunnelArgs[];
  /** Further labels. */
  tags?: Record<string, string>;
}

/**
 * Google's end of the tunnels to one gateway: that gateway as an external VPN gateway, a tunnel to it from each interface of the HA
 * VPN gateway, and for each a Cloud Router's interface and peer. One external VPN gateway for each gateway, though one could stand
 * for a pair: nothing of it can be changed, so that the new address of one gateway would take the tunnels of both.
 */
export class ManagedVpnConnection extends pulumi.ComponentResource {
  /** Ids of the tunnels, by interface. */
  readonly tunnelIds: pulumi.Output<string[]>;

  constructor(name: string, args: ManagedVpnConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:ManagedVpnConnection", name, {}, opts);
    const plan = planManagedConnection({
      ...args,
      tunnels: args.tunnels.map(({ insideCidr }) => ({ insideCidr })),
    });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    // Names are ours, so that no second one can stand beside what it replaces.
    const own = { parent: this, deleteBeforeReplace: true };
    const { cloudRegion: region, routerName: router } = args;
    const labels = labelsFor(args);
    const peer = new compute.ExternalVpnGateway(
      `${name}-peer`,
      {
        name: resourceName(args, args.peer),
        description: `${args.peer}, as ${args.fleet} ${args.region} calls it`,
        redundancyType: limits.haVpn.redundancy,
        interfaces: [{ id: 0, ipAddress: args.peerAddress }],
        labels,
      },
      own,
    );
    const made = plan.value.tunnels.map(({ interface: number, suffix, ipRange, peerIpAddress }) => {
      const key = pulumi.output(args.tunnels[number]?.presharedKey ?? "");
      const tunnel = new compute.VPNTunnel(
        `${name}-tunnel-${number}`,
        {
          name: resourceName(args, suffix),
          description: `${args.peer} by interface ${number}`,
          region,
          vpnGateway: args.vpnGatewayId,
          vpnGatewayInterface: number,
          peerExternalGateway: peer.id,
          peerExternalGatewayInterface: 0,
          router,
          ikeVersion: 2,
          cipherSuite: plan.value.cipherSuite,
          sharedSecret: pulumi.secret(
            key.apply((text) => checkedKey(text, presharedKeys, `tunnels[${number}].presharedKey`)),
          ),
          labels,
        },
        own,
      );
      const inside = new compute.RouterInterface(
        `${name}-interface-${number}`,
        { name: suffix, router, region, ipRange, vpnTunnel: tunnel.name },
        own,
      );
      const session = new compute.RouterPeer(
        `${name}-session-${number}`,
        {
          name: suffix,
          router,
          region,
          interface: inside.name,
          peerIpAddress,
          peerAsn: args.peerAsn,
        },
        own,
      );
      // Whoever calls a tunnel finds its session in place.
      return pulumi.all([tunnel.id, session.id]).apply(([id]) => id);
    });
    this.tunnelIds = pulumi.all(made);
    this.registerOutputs({ tunnelIds: this.tunnelIds });
  }
}
