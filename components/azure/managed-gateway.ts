import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { limits } from "./limits";
import { planManagedGateway } from "./managed-gateway.plan";
import { tagsFor } from "./tags";
import { configurationId } from "./vpn-inside";

export interface ManagedVpnGatewayArgs {
  /** The fleet's name: the beginning of names in the subscription. */
  fleet: string;
  /** The region's name in the fleet, such as `weu`. */
  region: string;
  /** Azure's own name of the region, such as `westeurope`. */
  cloudRegion: string;
  /** Its ASN: 64512–65514, 65521–65534 or of 32 bits, another than any peer's. */
  asn: number;
  /** Name of the resource group that it is made in. */
  resourceGroupName: pulumi.Input<string>;
  /** Id of the subnet `GatewaySubnet`. */
  subnetId: pulumi.Input<string>;
  /** A /30 of 169.254.21.0 to 169.254.22.255: its two addresses inside of all tunnels, the first instance's first. */
  insideCidr: string;
  /** SKU: VpnGw1AZ to VpnGw5AZ. Default VpnGw1AZ. */
  size?: string;
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
  /** Whether the public addresses are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * Azure's own VPN gateway of a region: active-active, so that there are two instances, each with a public address and, inside of
 * its tunnels, an address that it speaks BGP from (`ManagedVpnConnection`). What it learns becomes the network's routes.
 */
export class ManagedVpnGateway extends pulumi.ComponentResource {
  /** Id of the VPN gateway. */
  readonly vpnGatewayId: pulumi.Output<string>;
  /** Public addresses of its instances 0 and 1, which all who call it see. */
  readonly instanceAddresses: pulumi.Output<string[]>;

  constructor(name: string, args: ManagedVpnGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:ManagedVpnGateway", name, {}, opts);
    const plan = planManagedGateway(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { size, instances } = plan.value;
    const parent = { parent: this };
    const common = {
      resourceGroupName: args.resourceGroupName,
      location: args.cloudRegion,
      tags: tagsFor(args),
    };
    const addresses = instances.map(
      ({ name: instance }) =>
        new azureNetwork.PublicIPAddress(
          `${name}-${instance}-address`,
          {
            ...common,
            publicIpAddressName: resourceName(args, `vpn-${instance}-address`),
            sku: { name: "Standard", tier: "Regional" },
            publicIPAllocationMethod: "Static",
            publicIPAddressVersion: "IPv4",
            // Of a gateway that lies in zones.
            zones: [...limits.zones],
          },
          { ...parent, protect: args.protect ?? true },
        ),
    );
    const gatewayName = resourceName(args, "vpn");
    // Known before the gateway is: its id follows from its subnet's subscription, its group and its name.
    const own = pulumi
      .all([args.subnetId, args.resourceGroupName])
      .apply(([subnetId, group]) => gatewayId(subnetId, group, gatewayName));
    const gateway = new azureNetwork.VirtualNetworkGateway(
      `${name}-gateway`,
      {
        ...common,
        virtualNetworkGatewayName: gatewayName,
        gatewayType: "Vpn",
        vpnType: "RouteBased",
        sku: { name: size, tier: size },
        activeActive: true,
        enableBgp: true,
        ipConfigurations: instances.map(({ name: instance }, index) => ({
          name: instance,
          privateIPAllocationMethod: "Dynamic",
          subnet: { id: args.subnetId },
          publicIPAddress: { id: addresses[index]?.id ?? "" },
        })),
        bgpSettings: {
          asn: args.asn,
          bgpPeeringAddresses: instances.map(({ name: instance, inside }) => ({
            ipconfigurationId: own.apply((id) => configurationId(id, instance)),
            customBgpIpAddresses: [inside],
          })),
        },
      },
      parent,
    );
    this.vpnGatewayId = gateway.id;
    // Whoever has the addresses finds the gateway in place.
    this.instanceAddresses = pulumi
      .all([pulumi.all(addresses.map(({ ipAddress }) => ipAddress)), gateway.id])
      .apply(([all]) => all.map(given));
    this.registerOutputs({ vpnGatewayId: this.vpnGatewayId, instanceAddresses: this.instanceAddresses });
  }
}

function gatewayId(subnetId: string, group: string, name: string): string {
  const [, subscription] = /^\/subscriptions\/([^/]+)\//i.exec(subnetId) ?? [];
  if (subscription === undefined) throw new Error(`"${subnetId}" is no id of a subnet of Azure.`);
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworkGateways/${name}`;
}

/** A Standard address is there as soon as its resource is. */
function given(address: string | undefined): string {
  if (address === undefined) throw new Error("Azure has made a public address and says not which.");
  return address;
}
