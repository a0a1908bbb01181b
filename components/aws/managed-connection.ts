import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { checkedKey } from "../managed-tunnels";
import { explain } from "../problem";
import { planManagedConnection, presharedKeys, type TunnelOptions } from "./managed-connection.plan";
import { tagsFor } from "./tags";

export interface ManagedTunnelArgs {
  /** A /30 of 169.254.0.0/16: AWS' end has the first address, the gateway the second. Unique on the transit gateway. */
  insideCidr: string;
  /** 8 to 64 of `[A-Za-z0-9._]`, not beginning with 0. Secret. */
  presharedKey: pulumi.Input<string>;
}

export interface ManagedVpnConnectionArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`. */
  region: string;
  /** The transit gateway: `tgw-…`. */
  transitGatewayId: pulumi.Input<string>;
  /** Public IPv4 address of the gateway at the other end, which is its IKE identity, too. */
  peerAddress: pulumi.Input<string>;
  /** The ASN of that gateway. */
  peerAsn: number;
  /** IKE proposal in strongSwan's words, one transform for each role: all that AWS is to take. */
  ike: string;
  /** ESP proposal in the same words, with a group for forward secrecy. */
  esp: string;
  /** Life of an IKE SA at AWS' end, 900 to 28800 s. */
  ikeLifetimeSeconds: number;
  /** Life of a child SA there, 900 to 3600 s, and less than the IKE SA's. */
  childLifetimeSeconds: number;
  /** Before a life ends AWS begins to rekey within twice as long: 60 s to half a child SA's life. */
  rekeyMarginSeconds: number;
  /** Silence after which AWS takes the gateway for gone, 30 s or more. */
  dpdTimeoutSeconds: number;
  /** Both of the connection's. */
  tunnels: ManagedTunnelArgs[];
  /** Further tags of every resource. */
  tags?: Record<string, string>;
}

/**
 * AWS' end of the tunnels to one gateway: a customer gateway and a Site-to-Site VPN connection with every option of both
 * tunnels pinned, BGP inside. The gateway calls, and rekeys first; its own end is part of its release.
 */
export class ManagedVpnConnection extends pulumi.ComponentResource {
  /** Id of the connection: `vpn-…`. */
  readonly connectionId: pulumi.Output<string>;
  /** Public addresses of AWS' ends, in the tunnels' order. */
  readonly tunnelAddresses: pulumi.Output<string[]>;

  constructor(name: string, args: ManagedVpnConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:ManagedVpnConnection", name, {}, opts);
    const plan = planManagedConnection({
      ...args,
      tunnels: args.tunnels.map(({ insideCidr }) => ({ insideCidr })),
    });
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
    const { asn, options } = plan.value;
    const [first, second] = args.tunnels.map(({ insideCidr, presharedKey }, index) => ({
      insideCidr,
      // A key that AWS refuses stands in its answer, so it is not asked.
      presharedKey: pulumi.secret(
        pulumi
          .output(presharedKey)
          .apply((key) => checkedKey(key, presharedKeys, `tunnels[${index}].presharedKey`)),
      ),
    }));
    const peer = new ec2.CustomerGateway(
      `${name}-peer`,
      {
        type: "ipsec.1",
        ipAddress: args.peerAddress,
        ...asn,
        // Without one EC2 answers with a customer gateway that is there already, of another connection (EC2 API reference,
        // "CreateCustomerGateway"): then two resources were one thing.
        deviceName: `${name}-peer`,
        ...tags("peer"),
      },
      parent,
    );
    const connection = new ec2.VpnConnection(
      `${name}-connection`,
      {
        type: "ipsec.1",
        customerGatewayId: peer.id,
        transitGatewayId: args.transitGatewayId,
        staticRoutesOnly: false,
        tunnelInsideIpVersion: "ipv4",
        localIpv4NetworkCidr: "0.0.0.0/0",
        remoteIpv4NetworkCidr: "0.0.0.0/0",
        ...tunnelFields("tunnel1", options),
        ...tunnelFields("tunnel2", options),
        ...(first === undefined
          ? {}
          : { tunnel1InsideCidr: first.insideCidr, tunnel1PresharedKey: first.presharedKey }),
        ...(second === undefined
          ? {}
          : { tunnel2InsideCidr: second.insideCidr, tunnel2PresharedKey: second.presharedKey }),
        ...tags("connection"),
      },
      parent,
    );
    this.connectionId = connection.id;
    this.tunnelAddresses = pulumi.unsecret(
      pulumi.all([connection.tunnel1Address, connection.tunnel2Address]),
    );
    this.registerOutputs({ connectionId: this.connectionId, tunnelAddresses: this.tunnelAddresses });
  }
}

/** The SDK has every field twice. */
function tunnelFields(tunnel: "tunnel1" | "tunnel2", options: TunnelOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([field, value]: [string, unknown]) => [
      `${tunnel}${field.slice(0, 1).toUpperCase()}${field.slice(1)}`,
      value,
    ]),
  );
}
