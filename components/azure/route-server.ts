import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "../resource-name";
import { tagsFor } from "./tags";

/** What is asked of a pair's arguments. */
export interface RouteServerSpec {
  readonly fleet: string;
  readonly region: string;
  readonly cloudRegion: string;
  readonly asn: number;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly routeServer: {
    readonly subnetId: pulumi.Input<string>;
    readonly instances: readonly { readonly name: string }[];
  };
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface RouteServerPeer {
  readonly letter: string;
  readonly privateAddress: string;
  readonly networkInterface: azureNetwork.NetworkInterface;
}

/**
 * The Route Server, whose resource is a virtual hub with an IP configuration, and every gateway's session with it.
 * @returns the addresses of its instances by name, in the order of the addresses
 */
export function routeServer(
  name: string,
  args: RouteServerSpec,
  peers: readonly RouteServerPeer[],
  self: pulumi.Resource,
): pulumi.Output<Record<string, string>> {
  const parent = { parent: self };
  const inGroup = { resourceGroupName: args.resourceGroupName };
  const common = { ...inGroup, location: args.cloudRegion, tags: tagsFor(args) };
  // Azure itself reaches it by this one (Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)").
  const address = new azureNetwork.PublicIPAddress(
    `${name}-route-server-address`,
    {
      ...common,
      publicIpAddressName: resourceName(args, "route-server-address"),
      sku: { name: "Standard", tier: "Regional" },
      publicIPAllocationMethod: "Static",
      publicIPAddressVersion: "IPv4",
      zones: ["1", "2", "3"],
    },
    parent,
  );
  const hub = new azureNetwork.VirtualHub(
    `${name}-route-server`,
    {
      ...common,
      virtualHubName: resourceName(args, "route-server"),
      sku: "Standard",
      // What one gateway tells is no other network's business.
      allowBranchToBranchTraffic: false,
    },
    parent,
  );
  const configuration = new azureNetwork.VirtualHubIpConfiguration(
    `${name}-route-server-configuration`,
    {
      ...inGroup,
      virtualHubName: hub.name,
      ipConfigName: "instances",
      subnet: { id: args.routeServer.subnetId },
      publicIPAddress: { id: address.id },
    },
    parent,
  );
  let before: pulumi.Resource = configuration;
  for (const { letter, privateAddress, networkInterface } of peers)
    before = new azureNetwork.VirtualHubBgpConnection(
      `${name}-${letter}-session`,
      {
        ...inGroup,
        virtualHubName: hub.name,
        connectionName: letter,
        peerAsn: args.asn,
        peerIp: privateAddress,
      },
      // A hub takes one change at a time.
      { ...parent, dependsOn: [before, networkInterface] },
    );
  // A hub has addresses once it has an IP configuration, and says so when it is asked again.
  const asked = azureNetwork.getVirtualHubOutput(
    {
      ...inGroup,
      virtualHubName: pulumi.all([hub.name, configuration.id]).apply(([hubName]) => hubName),
    },
    parent,
  );
  return asked.apply(({ virtualRouterIps = [] }) =>
    byName(
      args.routeServer.instances.map((instance) => instance.name),
      virtualRouterIps,
    ),
  );
}

function byName(names: readonly string[], addresses: readonly string[]): Record<string, string> {
  if (addresses.length !== names.length)
    throw new Error(
      `The Route Server has ${addresses.length} addresses, and ${names.length} were to be there. Run the same again.`,
    );
  const last = (address: string) => address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const sorted = [...addresses].sort((one, other) => last(one) - last(other));
  return Object.fromEntries(names.map((one, index) => [one, sorted[index] ?? ""]));
}
