import { checkManagementRanges } from "../management-ranges";
import { contains, formatBlock, overlap, parseBlock, type Block } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { limits } from "./limits";
import { checkNames, type NameSpec } from "./name";

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

function checkCidrs({ cidrs }: NetworkSpec): ArgumentProblem[] {
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
  const own = cidrs.map(parseBlock).filter((block) => block !== undefined);
  // Where a block of the network is refused, what lies in it cannot be told.
  const known = own.length > 0 && own.length === cidrs.length;
  const seen: { name: string; block: Block }[] = [];
  const problems: ArgumentProblem[] = [];
  for (const [index, { name, role, cidr }] of subnets.entries()) {
    const path = `subnets[${index}].cidr`;
    const block = parseBlock(cidr);
    if (block === undefined || block.prefix > limits.subnetPrefix.longest) {
      problems.push({
        path,
        message: `"${cidr}" is no subnet's range.`,
        remedy: `Write a canonical block of /${limits.subnetPrefix.longest} or larger.`,
      });
      continue;
    }
    if (known && !own.some((outer) => contains(outer, block)))
      problems.push({
        path,
        message: `${cidr} lies outside of what the region announces.`,
        remedy: `Choose it within ${cidrs.join(", ")}.`,
      });
    const clash = seen.find((other) => overlap(other.block, block));
    if (clash !== undefined)
      problems.push({
        path,
        message: `${cidr} overlaps ${formatBlock(clash.block)} of ${clash.name}.`,
        remedy: "Give each subnet a range of its own.",
      });
    if (role === "gateway" && !isInterfaceBlock(block))
      problems.push({
        path,
        message: `${cidr} is not of RFC 1918, and a Cloud Router speaks from nothing else.`,
        remedy: `Choose it within ${limits.interfaceBlocks.join(", ")}.`,
      });
    seen.push({ name, block });
  }
  if (!subnets.some(({ role }) => role === "gateway"))
    problems.push({
      path: "subnets",
      message: "No subnet is for gateways.",
      remedy: 'Give one the role "gateway".',
    });
  return problems;
}

function isInterfaceBlock(block: Block): boolean {
  return limits.interfaceBlocks.some((text) => {
    const outer = parseBlock(text);
    return outer !== undefined && contains(outer, block);
  });
}

function checkMtu(mtu: number): ArgumentProblem[] {
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
