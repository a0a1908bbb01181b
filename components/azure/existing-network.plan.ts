import { checkAnnounced } from "../announced";
import { type Block, contains, overlap, parseBlock } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { limits } from "./limits";
import { isIn } from "./name";

/** What was said of a virtual network that is there already. */
export interface ExistingNetworkClaim {
  readonly networkId: string;
  /** Azure's name of the region that gateways are made in. */
  readonly cloudRegion: string;
  /** Where what is ours is made, apart from the network. */
  readonly resourceGroupName: string;
  /** The region's networks. */
  readonly cidrs: readonly string[];
  readonly subnets: readonly ClaimedSubnet[];
}

export interface ClaimedSubnet {
  readonly name: string;
  readonly role: "gateway" | "route-service" | "workload";
  readonly id: string;
  readonly cidr: string;
}

/** What Azure says of it. */
export interface ExistingNetworkFacts {
  /** The network's own: Azure was asked for a name in the subscription of the credentials. */
  readonly id: string;
  readonly location: string;
  /** Its address space. */
  readonly blocks: readonly string[];
  /** By the subnet's id, as it was claimed. */
  readonly subnets: Readonly<Record<string, SubnetFacts>>;
}

export interface SubnetFacts {
  readonly cidrs: readonly string[];
  readonly securityGroupId?: string;
  readonly natGatewayId?: string;
  readonly routeTable?: { readonly id: string; readonly routes: readonly RouteFacts[] };
  /** Services that it is delegated to. */
  readonly delegations: readonly string[];
  /** Ids of the IP configurations in it: of interfaces, of virtual hubs. */
  readonly users: readonly string[];
}

export interface RouteFacts {
  readonly name: string;
  /** A block, or a service's tag. */
  readonly prefix: string;
  readonly nextHop: string;
}

/** How Azure is asked for them: by names. */
export interface NetworkPlaces {
  readonly resourceGroupName: string;
  readonly virtualNetworkName: string;
  readonly subnets: readonly { readonly id: string; readonly subnetName: string }[];
}

const networkId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+)$/i;

/** What the ids say by themselves, or why Azure need not be asked. */
export function placesIn(claim: ExistingNetworkClaim): Planned<NetworkPlaces> {
  const [, resourceGroupName = "", virtualNetworkName = ""] = networkId.exec(claim.networkId) ?? [];
  if (resourceGroupName === "")
    return {
      ok: false,
      problems: [
        {
          path: "existing.networkId",
          message: `"${claim.networkId}" is no resource id of a virtual network.`,
          remedy:
            "Write it as Azure shows it: /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/….",
        },
      ],
    };
  const problems: ArgumentProblem[] = [];
  if (same(resourceGroupName, claim.resourceGroupName))
    problems.push({
      path: "existing.networkId",
      message: `${claim.networkId} lies in the resource group that the region makes for itself, and takes away with all that is in it.`,
      remedy: "Move it to another group, or name the region otherwise.",
    });
  const subnets = claim.subnets.map(({ id, role }, index) => {
    const subnetName = subnetNameIn(claim.networkId, id);
    problems.push(...checkName(`subnets[${index}].id`, id, subnetName, role));
    return { id, subnetName: subnetName ?? "" };
  });
  return planned(problems, () => ({ resourceGroupName, virtualNetworkName, subnets }));
}

/** Where what was said is not what is there: what would otherwise fail after machines and addresses were paid for. */
export function checkExistingNetwork(
  claim: ExistingNetworkClaim,
  facts: ExistingNetworkFacts,
): ArgumentProblem[] {
  // Of another network nothing more need be said.
  if (!same(facts.id, claim.networkId))
    return [
      {
        path: "existing.networkId",
        message: `The credentials see ${facts.id} under that name, not ${claim.networkId}.`,
        remedy: "Build the region in the network's own subscription.",
      },
    ];
  return [
    ...checkLocation(claim, facts),
    ...checkAnnounced(claim, facts.blocks, "virtual network"),
    ...claim.subnets.flatMap((subnet, index) => {
      const found = facts.subnets[subnet.id];
      const path = `subnets[${index}]`;
      if (found === undefined) return [];
      return [
        ...checkSubnet(path, subnet, found),
        ...(subnet.role === "gateway"
          ? checkGateways(path, subnet, claim, found, facts.blocks)
          : checkRouteServer(path, subnet, claim, found)),
      ];
    }),
  ];
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function subnetNameIn(network: string, id: string): string | undefined {
  const beginning = `${network}/subnets/`;
  const name = id.slice(beginning.length);
  return same(id.slice(0, beginning.length), beginning) && /^[^/]+$/.test(name) ? name : undefined;
}

function checkName(
  path: string,
  id: string,
  name: string | undefined,
  role: ClaimedSubnet["role"],
): ArgumentProblem[] {
  if (name === undefined)
    return [
      {
        path,
        message: `"${id}" is no resource id of a subnet of that virtual network.`,
        remedy: "Write it as Azure shows it: the network's, then /subnets/ and the subnet's name.",
      },
    ];
  const { name: home } = limits.routeServerSubnet;
  if (role === "route-service" && !same(name, home))
    return [
      {
        path,
        message: `A Route Server lives in a subnet of the name "${home}" alone.`,
        remedy: `Make one in the network, /${limits.routeServerSubnet.longest} or larger, and name it here.`,
      },
    ];
  return [];
}

function checkLocation(
  { cloudRegion, networkId: id }: ExistingNetworkClaim,
  { location }: ExistingNetworkFacts,
): ArgumentProblem[] {
  const plain = (text: string) => text.replaceAll(" ", "");
  return same(plain(location), plain(cloudRegion))
    ? []
    : [
        {
          path: "cloudRegion",
          message: `${id} lies in ${location}, not in ${cloudRegion}.`,
          remedy: "Machines are where their network is: write its region.",
        },
      ];
}

/** Of each alike: its range, and that it is nobody's service. */
function checkSubnet(path: string, { id, cidr }: ClaimedSubnet, found: SubnetFacts): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  if (!found.cidrs.includes(cidr))
    problems.push({
      path: `${path}.cidr`,
      message: `${id} has the network ${found.cidrs.join(", ")}, not ${cidr}.`,
      remedy: "Write it as Azure shows it, or name the subnet that you mean.",
    });
  if (found.delegations.length > 0)
    problems.push({
      path: `${path}.id`,
      message: `${id} is delegated to ${found.delegations.join(", ")}, and takes nothing else.`,
      remedy: "Name a subnet without a delegation.",
    });
  return problems;
}

/** Neither may stand there (Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)"). */
function checkRouteServer(
  path: string,
  { id }: ClaimedSubnet,
  { resourceGroupName }: ExistingNetworkClaim,
  { securityGroupId, routeTable, users }: SubnetFacts,
): ArgumentProblem[] {
  const held = [
    ...(securityGroupId === undefined ? [] : [`the network security group ${securityGroupId}`]),
    ...(routeTable === undefined ? [] : [`the route table ${routeTable.id}`]),
  ];
  // What else Azure may show there, of its own instances say, is no ground to refuse.
  const other = users.find((user) => /\/virtualHubs\//i.test(user) && !isIn(user, resourceGroupName));
  return [
    ...(held.length === 0
      ? []
      : [
          {
            path: `${path}.id`,
            message: `${id} has ${held.join(" and ")}, and a Route Server takes neither in its subnet.`,
            remedy: "Take it off this subnet; Trunkline changes nothing of the network.",
          },
        ]),
    ...(other === undefined
      ? []
      : [
          {
            path: `${path}.id`,
            message: `${id} holds a Route Server already, ${other}, and a virtual network takes one.`,
            remedy: "Remove it, or choose another network: gateways tell their own.",
          },
        ]),
  ];
}

/** Gateways have fixed addresses in it, and send to their peers, to each other and to the Route Server from it. */
function checkGateways(
  path: string,
  { id }: ClaimedSubnet,
  claim: ExistingNetworkClaim,
  { natGatewayId, routeTable, users }: SubnetFacts,
  blocks: readonly string[],
): ArgumentProblem[] {
  const others = users.filter((user) => !isIn(user, claim.resourceGroupName));
  const at = `${path}.id`;
  return [
    ...(others.length === 0
      ? []
      : [
          {
            path: at,
            message: `${id} holds something else, ${shown(others)}, and gateways have the first addresses of their subnet.`,
            remedy: "Name a subnet with nothing else in it.",
          },
        ]),
    ...(natGatewayId === undefined
      ? []
      : [
          {
            // Microsoft Learn, "What is Azure NAT Gateway?": it goes before an address of the machine's own.
            path: at,
            message: `${id} has the NAT gateway ${natGatewayId}, and what gateways send would come from its address instead of their own.`,
            remedy: "Name a subnet without one.",
          },
        ]),
    ...(routeTable?.routes ?? []).flatMap((route): ArgumentProblem[] => {
      const why = ledAstray(route, claim.subnets, blocks);
      return why === undefined
        ? []
        : [
            {
              path: at,
              message: `${id} has the route table ${routeTable?.id ?? ""}, whose route "${route.name}" takes ${route.prefix} to ${route.nextHop}: ${why}.`,
              remedy: "Take the route out, or name a subnet with another table; Trunkline changes none.",
            },
          ];
    }),
  ];
}

function shown(ids: readonly string[]): string {
  const [first = "", ...more] = ids;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/**
 * What a route would keep from its way: its own routes a network prefers to wider ones alone (Microsoft Learn, "Azure virtual
 * network traffic routing", How Azure selects a route). A route to a part of the workloads, such as a firewall's in front of
 * them, is the user's own business.
 */
function ledAstray(
  { prefix, nextHop }: RouteFacts,
  subnets: readonly ClaimedSubnet[],
  blocks: readonly string[],
): string | undefined {
  const route = parseBlock(prefix);
  if (route === undefined) return undefined;
  if (route.prefix < limits.widestOwner && !same(nextHop, "Internet"))
    return "peers would not hear from the gateways";
  const wins = (own: Block) =>
    blocks
      .map(parseBlock)
      .some((outer) => outer !== undefined && contains(outer, own) && route.prefix >= outer.prefix);
  const kept = subnets.find(({ cidr }) => {
    const own = parseBlock(cidr);
    return own !== undefined && overlap(own, route) && wins(own);
  });
  return kept === undefined || same(nextHop, "VnetLocal")
    ? undefined
    : `gateways would not reach ${kept.role === "gateway" ? "each other" : "the Route Server"}`;
}
