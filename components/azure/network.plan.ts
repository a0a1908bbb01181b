import { type Block, overlap, parseBlock } from "../block";
import { checkManagementRanges } from "../management-ranges";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { checkRanges } from "../subnet-ranges";
import { limits } from "./limits";
import type { NameSpec } from "../resource-name";
import { checkNames } from "./name";

export interface NetworkSpec extends NameSpec {
  readonly cidrs: readonly string[];
  readonly subnets: readonly SubnetSpec[];
  /** The network is there already. */
  readonly existing?: boolean;
  readonly managementAllowFrom: readonly string[];
}

export interface SubnetSpec {
  readonly name: string;
  readonly role: "gateway" | "route-service" | "workload";
  readonly cidr: string;
  /** It is given by its id, which may be unknown yet. */
  readonly given?: boolean;
}

/** One security rule of the gateways; `name` is its logical name's end, and its name in the group. */
export interface RulePlan {
  readonly name: string;
  readonly description: string;
  readonly access: "Allow" | "Deny";
  readonly direction: "Inbound" | "Outbound";
  /** Of the rule alone, so that no other rule moves it. */
  readonly priority: number;
  readonly protocol: "Tcp" | "Udp" | "*";
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly ports: readonly string[];
}

/** Priorities of every rule that is ever in a gateways' group: each its own, whatever else the group holds. */
export const priorities = {
  ssh: 100,
  own: 110,
  peers: 120,
  toOwn: 100,
  refuse: limits.rulePriority.last,
} as const;

const anywhere = ["*"];

/** What a network of gateways needs, or every reason why Azure would refuse it. */
export function planNetwork(spec: NetworkSpec): Planned<readonly RulePlan[]> {
  const { cidrs, subnets, managementAllowFrom } = spec;
  const problems = [
    ...checkCidrs(spec),
    ...checkSubnets(spec),
    ...checkGiven(spec),
    ...namedOnce("subnets", "subnets", subnets),
    ...checkNames(spec, [{ path: "fleet", suffix: "gateways" }]),
    ...checkManagementRanges(managementAllowFrom),
  ];
  return planned(problems, () => [
    {
      name: "ssh",
      description: "SSH from management ranges",
      access: "Allow",
      direction: "Inbound",
      priority: priorities.ssh,
      protocol: "Tcp",
      sources: managementAllowFrom,
      destinations: anywhere,
      ports: ["22"],
    },
    {
      // Workloads send through the gateways, and a rule cannot tell a packet for a gateway from one that passes it:
      // nftables on the gateway is exact. The Route Server's BGP is part of it.
      name: "own",
      description: "The region's own networks",
      access: "Allow",
      direction: "Inbound",
      priority: priorities.own,
      protocol: "*",
      sources: cidrs,
      destinations: anywhere,
      ports: anywhere,
    },
    {
      // Azure's own rules would admit whatever is peered with the network, and its load balancers (Microsoft Learn, "Azure
      // network security groups overview", Default security rules).
      name: "refuse",
      description: "Whatever no other rule admits",
      access: "Deny",
      direction: "Inbound",
      priority: priorities.refuse,
      protocol: "*",
      sources: anywhere,
      destinations: anywhere,
      ports: anywhere,
    },
    {
      // What other regions send goes on with their addresses, which Azure need not take for the network's own.
      name: "to-own",
      description: "To the region's own networks, from whatever is behind the tunnels",
      access: "Allow",
      direction: "Outbound",
      priority: priorities.toOwn,
      protocol: "*",
      sources: anywhere,
      destinations: cidrs,
      ports: anywhere,
    },
  ]);
}

/** @see Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)", What address ranges can I use */
export function checkCidrs({ cidrs }: Pick<NetworkSpec, "cidrs">): ArgumentProblem[] {
  const remedy = "Write one, such as 10.10.0.0/16.";
  if (cidrs.length === 0) return [{ path: "cidrs", message: "A network needs a block.", remedy }];
  return cidrs.flatMap((cidr, index): ArgumentProblem[] => {
    const path = `cidrs[${index}]`;
    const block = parseBlock(cidr);
    if (block === undefined) return [{ path, message: `"${cidr}" is no canonical IPv4 block.`, remedy }];
    const kept = limits.reservedBlocks.find((text) => {
      const reserved = parseBlock(text);
      return reserved !== undefined && overlap(reserved, block);
    });
    return kept === undefined
      ? []
      : [{ path, message: `${cidr} overlaps ${kept}, which no virtual network may hold.`, remedy }];
  });
}

function checkSubnets({ cidrs, subnets }: NetworkSpec): ArgumentProblem[] {
  const problems = checkRanges(cidrs, subnets, limits.subnetPrefix.longest, checkRouteServer);
  for (const role of ["gateway", "route-service"] as const)
    if (!subnets.some((subnet) => subnet.role === role))
      problems.push({
        path: "subnets",
        message: `No subnet is for ${role === "gateway" ? "gateways" : "the Route Server"}.`,
        remedy: `Give one the role "${role}".`,
      });
  return problems;
}

/** Of a network that is there, every subnet is given by its id, and none for workloads; of a new one none is. */
function checkGiven({ subnets, existing = false }: NetworkSpec): ArgumentProblem[] {
  return subnets.flatMap(({ role, given = false }, index): ArgumentProblem[] => {
    if (existing && role === "workload")
      return [
        {
          path: `subnets[${index}].role`,
          message: "Of an existing network only the subnets of gateways and Route Server are used.",
          remedy: "Leave the others out: a Route Server's routes go to every subnet.",
        },
      ];
    if (existing === given) return [];
    return [
      {
        path: `subnets[${index}].id`,
        message: existing
          ? "A subnet of an existing network is given by its id."
          : "A new network has no subnet that is there already.",
        remedy: existing
          ? "Write it: …/virtualNetworks/…/subnets/…."
          : "Leave it out, or name the network by `existing`.",
      },
    ];
  });
}

function checkRouteServer({ name, role, cidr }: SubnetSpec, block: Block, index: number): ArgumentProblem[] {
  const { name: wanted, longest } = limits.routeServerSubnet;
  const problems: ArgumentProblem[] = [];
  if ((role === "route-service") !== (name === wanted))
    problems.push({
      path: `subnets[${index}].name`,
      message:
        role === "route-service"
          ? `A Route Server lives in a subnet of the name "${wanted}" alone.`
          : `"${wanted}" is a Route Server's.`,
      remedy:
        role === "route-service"
          ? `Name it "${wanted}".`
          : `Give it another name, or the role "route-service".`,
    });
  if (role === "route-service" && block.prefix > longest)
    problems.push({
      path: `subnets[${index}].cidr`,
      message: `${cidr} is too small for a Route Server.`,
      remedy: `Choose a block of /${longest} or larger.`,
    });
  return problems;
}
