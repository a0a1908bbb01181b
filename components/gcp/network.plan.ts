import { checkManagementRanges } from "../management-ranges";
import { type Block, contains, parseBlock } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { checkRanges } from "../subnet-ranges";
import { limits } from "./limits";
import type { NameSpec } from "../resource-name";
import { checkNames } from "./name";

export interface NetworkSpec extends NameSpec {
  readonly cidrs: readonly string[];
  readonly subnets: readonly SubnetSpec[];
  readonly managementAllowFrom: readonly string[];
  readonly mtu?: number;
}

export interface SubnetSpec {
  readonly name: string;
  readonly role: "gateway" | "workload";
  readonly cidr: string;
}

export interface NetworkPlan {
  readonly mtu: number;
  readonly rules: readonly FirewallPlan[];
}

/** One firewall rule towards the gateways; `name` is its logical name's end. */
export interface FirewallPlan {
  readonly name: string;
  readonly description: string;
  readonly sourceRanges: readonly string[];
  /** IANA protocol name, or `all`. */
  readonly protocol: "tcp" | "all";
  readonly ports?: readonly string[];
}

/** What a network of gateways needs, or every reason why Google Cloud would refuse it. */
export function planNetwork(spec: NetworkSpec): Planned<NetworkPlan> {
  const { cidrs, subnets, managementAllowFrom, mtu = limits.mtu.standard } = spec;
  const problems = [
    ...checkCidrs(spec),
    ...checkSubnets(spec),
    ...namedOnce("subnets", "subnets", subnets),
    ...checkNames(
      spec,
      subnets.map(({ name }, index) => ({ path: `subnets[${index}].name`, suffix: name })),
    ),
    ...checkMtu(mtu),
    ...checkManagementRanges(managementAllowFrom),
  ];
  return planned(problems, () => ({
    mtu,
    rules: [
      {
        name: "ssh",
        description: "SSH from management ranges",
        sourceRanges: managementAllowFrom,
        protocol: "tcp",
        ports: ["22"],
      },
      {
        // Workloads send through the gateways, and a rule cannot tell a packet for a gateway from one that passes it:
        // nftables on the gateway is exact. The Cloud Router's BGP is part of it.
        name: "own",
        description: "The region's own networks",
        sourceRanges: cidrs,
        protocol: "all",
      },
    ],
  }));
}

export function checkCidrs({ cidrs }: Pick<NetworkSpec, "cidrs">): ArgumentProblem[] {
  if (cidrs.length === 0)
    return [
      { path: "cidrs", message: "A network needs a block.", remedy: "Write one, such as 10.10.0.0/16." },
    ];
  return cidrs.flatMap((cidr, index): ArgumentProblem[] =>
    parseBlock(cidr) === undefined
      ? [
          {
            path: `cidrs[${index}]`,
            message: `"${cidr}" is no canonical IPv4 block.`,
            remedy: "Write one, such as 10.10.0.0/16.",
          },
        ]
      : [],
  );
}

function checkSubnets({ cidrs, subnets }: NetworkSpec): ArgumentProblem[] {
  const problems = checkRanges(cidrs, subnets, limits.subnetPrefix.longest, checkInterfaces);
  if (!subnets.some(({ role }) => role === "gateway"))
    problems.push({
      path: "subnets",
      message: "No subnet is for gateways.",
      remedy: 'Give one the role "gateway".',
    });
  return problems;
}

function checkInterfaces({ role, cidr }: SubnetSpec, block: Block, index: number): ArgumentProblem[] {
  return role === "gateway" && !isInterfaceBlock(block)
    ? [
        {
          path: `subnets[${index}].cidr`,
          message: `${cidr} is not of RFC 1918, and a Cloud Router speaks from nothing else.`,
          remedy: `Choose it within ${limits.interfaceBlocks.join(", ")}.`,
        },
      ]
    : [];
}

function isInterfaceBlock(block: Block): boolean {
  return limits.interfaceBlocks.some((text) => {
    const outer = parseBlock(text);
    return outer !== undefined && contains(outer, block);
  });
}

export function checkMtu(mtu: number): ArgumentProblem[] {
  const { least, greatest } = limits.mtu;
  return Number.isInteger(mtu) && mtu >= least && mtu <= greatest
    ? []
    : [
        {
          path: "mtu",
          message: `A network has no MTU of ${mtu}.`,
          remedy: `Choose ${least} to ${greatest}.`,
        },
      ];
}
