import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { type NameSpec, resourceName } from "../resource-name";

export interface NetworkOutputs {
  readonly networkId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<Record<string, string>>;
}

/** What is asked of a network's arguments. */
export interface NewNetworkSpec extends NameSpec {
  readonly cidrs: readonly string[];
  readonly subnets: readonly { readonly name: string; readonly cidr: string }[];
}

/** A new virtual network with its subnets. @param kept its options; of its subnets the parent alone */
export function newNetwork(
  name: string,
  spec: NewNetworkSpec,
  common: {
    readonly resourceGroupName: pulumi.Output<string>;
    readonly location: string;
    readonly tags: Record<string, string>;
  },
  kept: { readonly parent: pulumi.Resource; readonly protect: boolean },
): NetworkOutputs {
  const { resourceGroupName } = common;
  const { parent } = kept;
  const network = new azureNetwork.VirtualNetwork(
    `${name}-vnet`,
    {
      ...common,
      virtualNetworkName: resourceName(spec, "network"),
      addressSpace: { addressPrefixes: [...spec.cidrs] },
    },
    kept,
  );
  const subnets: (readonly [string, azureNetwork.Subnet])[] = [];
  for (const { name: subnet, cidr } of spec.subnets) {
    const before = subnets.at(-1)?.[1];
    subnets.push([
      subnet,
      new azureNetwork.Subnet(
        `${name}-${subnet}`,
        {
          resourceGroupName,
          virtualNetworkName: network.name,
          subnetName: subnet,
          addressPrefix: cidr,
          // The way to the internet is what a machine has been given.
          defaultOutboundAccess: false,
        },
        // A network takes one change at a time (Microsoft Learn, "Resolve errors: AnotherOperationInProgress").
        { parent, dependsOn: before === undefined ? [] : [before] },
      ),
    ]);
  }
  return {
    networkId: network.id,
    subnetIds: pulumi.output(Object.fromEntries(subnets.map(([subnet, { id }]) => [subnet, id]))),
  };
}
