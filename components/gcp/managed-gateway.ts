import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { limits } from "./limits";
import { planManagedGateway } from "./managed-gateway.plan";
import { labelsFor } from "./tags";

export interface ManagedVpnGatewayArgs {
  /** The fleet's name: the beginning of names in the project, and a label. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Google's own name of the region, such as `europe-west1`. */
  cloudRegion: string;
  /** The Cloud Router's ASN: 64512–65534 or 4200000000–4294967294, another than any peer's. */
  asn: number;
  /** Id of the VPC network that it is of. */
  networkId: pulumi.Input<string>;
  /** The region's IPv4 blocks: all that its Cloud Router tells others. */
  cidrs: string[];
  /** Further labels. */
  tags?: Record<string, string>;
}

/**
 * Google's own VPN gateway of a region: an HA VPN gateway with two interfaces, and the Cloud Router that speaks BGP inside of its
 * tunnels (`ManagedVpnConnection`). What it learns becomes the network's routes; of equal ones flows go over all.
 */
export class ManagedVpnGateway extends pulumi.ComponentResource {
  /** Id of the HA VPN gateway. */
  readonly vpnGatewayId: pulumi.Output<string>;
  /** Name of the Cloud Router. */
  readonly routerName: pulumi.Output<string>;
  /** Public addresses of its interfaces 0 and 1, which all who call it see. */
  readonly interfaceAddresses: pulumi.Output<string[]>;

  constructor(name: string, args: ManagedVpnGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:ManagedVpnGateway", name, {}, opts);
    const plan = planManagedGateway(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };
    const gateway = new compute.HaVpnGateway(
      `${name}-gateway`,
      {
        name: resourceName(args, "vpn"),
        description: `${args.fleet} ${args.region}`,
        region: args.cloudRegion,
        network: args.networkId,
        gatewayIpVersion: "IPV4",
        stackType: "IPV4_ONLY",
        labels: labelsFor(args),
      },
      parent,
    );
    const router = new compute.Router(
      `${name}-router`,
      {
        name: resourceName(args, "router"),
        description: `${args.fleet} ${args.region}`,
        region: args.cloudRegion,
        network: args.networkId,
        bgp: {
          asn: plan.value.asn,
          keepaliveInterval: limits.keepaliveSeconds,
          // By default it would tell of each subnet, and others accept exactly the region's networks.
          advertiseMode: "CUSTOM",
          advertisedIpRanges: plan.value.advertised.map((range) => ({ range })),
        },
      },
      parent,
    );
    this.vpnGatewayId = gateway.id;
    this.routerName = router.name;
    this.interfaceAddresses = gateway.vpnInterfaces.apply((interfaces) => [
      addressOf(interfaces, 0),
      addressOf(interfaces, 1),
    ]);
    this.registerOutputs({
      vpnGatewayId: this.vpnGatewayId,
      routerName: this.routerName,
      interfaceAddresses: this.interfaceAddresses,
    });
  }
}

/** @throws Error where Google has given the interface none */
function addressOf(
  interfaces: readonly { readonly id?: number; readonly ipAddress?: string }[],
  id: number,
): string {
  const address = interfaces.find((one) => one.id === id)?.ipAddress;
  if (address === undefined) throw new Error(`Interface ${String(id)} of the HA VPN gateway has no address.`);
  return address;
}
