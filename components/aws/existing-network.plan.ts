import { checkAnnounced } from "../announced";
import type { ArgumentProblem } from "../problem";

/** What was said of a network that is there already. */
export interface ExistingNetworkClaim {
  readonly networkId: string;
  /** The region's networks. */
  readonly cidrs: readonly string[];
  readonly subnets: readonly { readonly name: string; readonly id: string; readonly cidr: string }[];
  readonly routeTables: readonly { readonly name: string; readonly id: string }[];
  /** Whether the gateways' subnets need routes of their own. */
  readonly gatewayRoutes?: boolean;
}

/** What the cloud says of it. */
export interface ExistingNetworkFacts {
  /** The VPC's IPv4 blocks. */
  readonly blocks: readonly string[];
  /** By the subnet's id. */
  readonly subnets: Readonly<Record<string, SubnetFacts>>;
  /** By the route table's id, the id of its VPC. */
  readonly routeTables: Readonly<Record<string, string>>;
}

export interface SubnetFacts {
  readonly networkId: string;
  readonly cidr: string;
  readonly availabilityZone: string;
  /** The one that holds for it. */
  readonly routeTableId: string;
  /** Of the route table that holds for the subnet. */
  readonly routes: readonly { readonly cidr: string; readonly gatewayId: string }[];
}

/** Where what was said is not what is there: what would otherwise fail after machines and addresses were paid for. */
export function checkExistingNetwork(
  claim: ExistingNetworkClaim,
  facts: ExistingNetworkFacts,
): ArgumentProblem[] {
  return [
    ...checkAnnounced(claim, facts.blocks, "VPC"),
    ...claim.subnets.flatMap((subnet, index) => checkSubnet(`subnets[${index}]`, subnet, claim, facts)),
    ...checkZones(claim, facts),
    ...(claim.gatewayRoutes === true ? checkGatewayTables(claim, facts) : []),
    ...claim.routeTables.flatMap(({ id }, index): ArgumentProblem[] => {
      const owner = facts.routeTables[id];
      if (owner === claim.networkId) return [];
      return [
        {
          path: `existing.routeTables[${index}].id`,
          message: `${id} belongs to ${owner ?? "no network"}, not to ${claim.networkId}.`,
          remedy: "Name a route table of this VPC.",
        },
      ];
    }),
  ];
}

/** The internet gateway that the gateways' subnets are routed to. */
export function internetGatewayOf(facts: ExistingNetworkFacts): string | undefined {
  return Object.values(facts.subnets)
    .flatMap(({ routes }) => routes)
    .find(leadsToInternet)?.gatewayId;
}

function leadsToInternet({
  cidr,
  gatewayId,
}: {
  readonly cidr: string;
  readonly gatewayId: string;
}): boolean {
  return cidr === "0.0.0.0/0" && gatewayId.startsWith("igw-");
}

function checkSubnet(
  path: string,
  { id, cidr }: { readonly id: string; readonly cidr: string },
  { networkId }: ExistingNetworkClaim,
  facts: ExistingNetworkFacts,
): ArgumentProblem[] {
  const found = facts.subnets[id];
  if (found?.networkId !== networkId)
    return [
      {
        path: `${path}.id`,
        message: `${id} belongs to ${found?.networkId ?? "no network"}, not to ${networkId}.`,
        remedy: "Name a subnet of this VPC.",
      },
    ];
  const problems: ArgumentProblem[] = [];
  if (found.cidr !== cidr)
    problems.push({
      path: `${path}.cidr`,
      message: `${id} has the network ${found.cidr}, not ${cidr}.`,
      remedy: "Write it as the cloud shows it, or name the subnet that you mean.",
    });
  if (!found.routes.some(leadsToInternet))
    problems.push({
      path: `${path}.id`,
      message: `${id} is not routed to the internet, so that no peer could reach its gateway.`,
      remedy: "Give its route table a route 0.0.0.0/0 to the VPC's internet gateway; Trunkline adds none.",
    });
  return problems;
}

/** One zone's loss must not take every gateway. */
function checkZones({ subnets }: ExistingNetworkClaim, facts: ExistingNetworkFacts): ArgumentProblem[] {
  const zones = subnets.map(({ id }) => facts.subnets[id]?.availabilityZone);
  const [first] = zones;
  if (first === undefined || zones.length < 2 || zones.some((zone) => zone !== first)) return [];
  return [
    {
      path: "subnets",
      message: `All gateways' subnets lie in ${first}, and would be lost together.`,
      remedy: "Name subnets of different zones.",
    },
  ];
}

/**
 * A table that was not named is not touched. And a transit gateway is attached in one subnet of a zone (EC2 API reference,
 * "CreateTransitGatewayVpcAttachment").
 */
function checkGatewayTables(
  { subnets, routeTables }: ExistingNetworkClaim,
  facts: ExistingNetworkFacts,
): ArgumentProblem[] {
  const named = new Set(routeTables.map(({ id }) => id));
  const zones = subnets.map(({ id }) => facts.subnets[id]?.availabilityZone);
  return subnets.flatMap(({ id }, index): ArgumentProblem[] => {
    const zone = zones[index];
    if (zone !== undefined && zones.indexOf(zone) < index)
      return [
        {
          path: `subnets[${index}].id`,
          message: `${id} lies in ${zone} as another gateway's subnet does, and the transit gateway takes one of a zone.`,
          remedy: "Name subnets of different zones.",
        },
      ];
    const table = facts.subnets[id]?.routeTableId;
    if (table === undefined || named.has(table)) return [];
    return [
      {
        path: `subnets[${index}].id`,
        message: `${id} needs a route to the transit gateway, and its table ${table} is not among the route tables.`,
        remedy: `Name ${table} there as well, so that it takes the route.`,
      },
    ];
  });
}
