import type { ExistingRules, ExistingSubnetRules, IdDisagreement } from "../cloud";
import { limits } from "./limits";
import { gatewaySubnet } from "./network";

const { subscription, group, network, subnet } = limits.idParts;
const networkPattern = `/subscriptions/(${subscription})/resourceGroups/${group}/providers/Microsoft\\.Network/virtualNetworks/${network}`;
const exampleNetwork =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop";
const { name: routeServerSubnet, prefix: routeServerPrefix } = limits.routeServerSubnet;

/**
 * A virtual network that is there already: one subnet for all gateways, since it spans the region's zones, and the Route
 * Server's. An id says where a thing lies: a subnet's begins with its network's.
 */
export const existingRules: ExistingRules = {
  networkId: {
    pattern: new RegExp(`^${networkPattern}$`, "i"),
    called: "resource id of a virtual network",
    example: exampleNetwork,
  },
  tables: {
    none: {
      message:
        "No route table takes the routes to other regions: a Route Server hands them to every interface of the virtual network.",
      remedy:
        "Remove `routeTables`. Route tables of workloads' subnets need only let the network's gateways propagate routes.",
    },
  },
  subnets: (letters) => [
    subnetNamed(
      gatewaySubnet,
      "gateway",
      {
        pattern: `(?!(?:${limits.serviceSubnets.join("|")})$)${subnet}`,
        called: "resource id of a subnet that machines live in",
        example: "gateways",
      },
      // Five addresses of a subnet are Azure's; gateways have the first of the others.
      letters.length > 2 ** (32 - limits.subnetPrefix.longest) - limits.keptAddresses
        ? limits.gatewaySubnetPrefix
        : limits.subnetPrefix.longest,
    ),
    subnetNamed(
      routeServerSubnet,
      "route-service",
      {
        pattern: routeServerSubnet,
        called: `resource id of a subnet of the name ${routeServerSubnet}`,
        example: routeServerSubnet,
      },
      routeServerPrefix,
    ),
  ],
  notUsed: (key) => `Nothing of the region lives in a subnet "${key}": its gateways share one.`,
  disagreeing: ({ owner, network: id, subnets }) => [
    ...(id === undefined || owner === undefined ? [] : ofOwner(id, owner)),
    ...(id === undefined ? [] : Object.entries(subnets).flatMap(([key, one]) => ofNetwork(id, key, one))),
  ],
};

function subnetNamed(
  key: string,
  role: ExistingSubnetRules["role"],
  {
    pattern,
    called,
    example,
  }: { readonly pattern: string; readonly called: string; readonly example: string },
  longest: number,
): ExistingSubnetRules {
  return {
    key,
    name: key,
    role,
    id: {
      pattern: new RegExp(`^${networkPattern}/subnets/${pattern}$`, "i"),
      called,
      example: `${exampleNetwork}/subnets/${example}`,
    },
    longest,
    absent: {
      message:
        role === "gateway"
          ? "The gateways have no subnet."
          : "The Route Server that they speak with has no subnet.",
      remedy: `Write ${key}: { id: …/subnets/${example}, cidr: … }, a subnet for ${role === "gateway" ? "gateways" : "it"} alone.`,
    },
  };
}

/** Interfaces are of their network's subscription. */
function ofOwner(id: string, owner: string): readonly IdDisagreement[] {
  const [, own = ""] = new RegExp(`^${networkPattern}$`, "i").exec(id) ?? [];
  return own.toLowerCase() === owner.toLowerCase()
    ? []
    : [
        {
          message: `The virtual network is in the subscription ${own}, and the region in ${owner}: gateways are in their network's.`,
          remedy: `Write \`subscription: ${own}\`, or name another network.`,
        },
      ];
}

function ofNetwork(id: string, key: string, subnetId: string): readonly IdDisagreement[] {
  return subnetId.toLowerCase().startsWith(`${id.toLowerCase()}/`)
    ? []
    : [
        {
          subnet: key,
          message: "The subnet is of another virtual network than the region's.",
          remedy: `Name one whose id begins with ${id}/subnets/.`,
        },
      ];
}
