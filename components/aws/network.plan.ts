import { checkManagementRanges } from "../management-ranges";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { type Block, contains, contains6, formatBlock, overlap, parseBlock, parseBlock6 } from "../block";
import { limits } from "./limits";
import { checkOutside } from "./outside.plan";

export interface NetworkSpec {
  readonly cloudRegion: string;
  readonly cidrs: readonly string[];
  /** Beside IPv4. */
  readonly ipv6?: { readonly cidr: string; readonly pool: string };
  /** Gateways speak to those of other networks over IPv6; without `ipv6`, by addresses of a block that Amazon chooses. */
  readonly outsideIpv6?: boolean;
  readonly subnets: readonly SubnetSpec[];
  /** The network is there already. */
  readonly existing?: ExistingNetworkSpec;
  readonly managementAllowFrom: readonly string[];
}

export interface SubnetSpec {
  readonly name: string;
  readonly role: "gateway" | "workload";
  /** Of a new subnet. */
  readonly zone?: string;
  readonly cidr: string;
  /** A /64 of the network's IPv6 block. */
  readonly ipv6?: string;
  /** Of a block that Amazon chooses: which /64 of it, from 0. */
  readonly ipv6Place?: number;
}

/** Which subnets of `SubnetSpec`s have an id, and the names of the route tables: ids may be unknown yet. */
export interface ExistingNetworkSpec {
  readonly subnets: readonly string[];
  readonly routeTables: readonly string[];
}

export interface NetworkPlan {
  readonly primaryCidr: string;
  readonly secondaryCidrs: readonly string[];
  readonly ipv6?: Ipv6Block;
  /** To be made; none in a network that is there already. */
  readonly subnets: readonly (SubnetSpec & {
    readonly availabilityZone: string;
    readonly routes: "public" | "private";
  })[];
  readonly ingress: readonly IngressRule[];
}

/** One of the two pools is named. */
export interface Ipv6Block {
  readonly cidr: string;
  /** Of IPAM. */
  readonly ipamPool?: string;
  /** Of addresses brought to AWS. */
  readonly ownPool?: string;
}

/** One rule of the gateways' security group; `name` is its logical name's end, made of the rule itself. */
export interface IngressRule {
  readonly name: string;
  readonly description: string;
  readonly cidr: string;
  /** IANA protocol name, or `-1` for all (EC2's word). */
  readonly protocol: "tcp" | "udp" | "-1";
  readonly ports?: { readonly from: number; readonly to: number };
}

/** Name of a new network's one table for routes to other regions. */
export const workloadsTable = "workloads";

/** Name of a new network's one table of the gateways' subnets. */
export const gatewaysTable = "gateways";

/** What a network of gateways needs, or every reason why AWS would refuse it. */
export function planNetwork(spec: NetworkSpec): Planned<NetworkPlan> {
  const [primaryCidr, ...secondaryCidrs] = spec.cidrs;
  const problems = [
    ...checkBlocks(spec),
    ...checkSubnets(spec),
    ...checkExisting(spec),
    ...checkIpv6(spec),
    ...checkOutside(spec),
    ...checkManagement(spec),
  ];
  const made = spec.existing === undefined ? spec.subnets : [];
  return planned(problems, () => ({
    primaryCidr: primaryCidr ?? "",
    secondaryCidrs,
    ...(spec.ipv6 === undefined ? {} : { ipv6: ipv6Block(spec.ipv6) }),
    subnets: made.map((subnet) => ({
      ...subnet,
      availabilityZone: `${spec.cloudRegion}${subnet.zone ?? ""}`,
      routes: subnet.role === "gateway" ? "public" : "private",
    })),
    ingress: [...spec.managementAllowFrom.map(sshRule), ...ownBlocks(spec).map(ownNetworkRule)],
  }));
}

/** The network's blocks of both families. */
export function ownBlocks({ cidrs, ipv6 }: Pick<NetworkSpec, "cidrs" | "ipv6">): readonly string[] {
  return ipv6 === undefined ? cidrs : [...cidrs, ipv6.cidr];
}

function ipv6Block({ cidr, pool }: NonNullable<NetworkSpec["ipv6"]>): Ipv6Block {
  return { cidr, ...(pool.startsWith("ipam-pool-") ? { ipamPool: pool } : { ownPool: pool }) };
}

/** A block as a part of a logical name: `10.10.0.0/16` is `10-10-0-0-16`, `fd8a:1b2c::/56` is `fd8a-1b2c-56`. */
export function blockName(cidr: string): string {
  return cidr.replace(/[./:]+/g, "-");
}

function sshRule(cidr: string): IngressRule {
  const description = "SSH from a management range";
  return { name: `ssh-${blockName(cidr)}`, description, cidr, protocol: "tcp", ports: { from: 22, to: 22 } };
}

/**
 * Workloads send through the gateways, and a security group cannot tell a packet for a gateway from one that passes
 * it: so everything of the network's own is admitted here (BGP and BFD of the route server are part of it), and the
 * gateway's own nftables rules say what may reach the gateway itself.
 */
function ownNetworkRule(cidr: string): IngressRule {
  return { name: `own-${blockName(cidr)}`, description: "The region's own network", cidr, protocol: "-1" };
}

export function checkBlocks({ cidrs, existing }: Pick<NetworkSpec, "cidrs" | "existing">): ArgumentProblem[] {
  const { shortest, longest } = limits.cidrPrefix;
  if (cidrs.length === 0)
    return [
      { path: "cidrs", message: "A network needs a block.", remedy: "Write one, such as 10.10.0.0/16." },
    ];
  const problems = cidrs.flatMap((cidr, index): ArgumentProblem[] => {
    const block = parseBlock(cidr);
    if (block !== undefined && block.prefix >= shortest && block.prefix <= longest) return [];
    const message = `"${cidr}" is no IPv4 block that a VPC takes.`;
    return [
      { path: `cidrs[${index}]`, message, remedy: `Write a canonical block of /${shortest} to /${longest}.` },
    ];
  });
  // The quota of a network that is there already may have been raised.
  if (existing === undefined && cidrs.length > limits.cidrsPerNetwork)
    problems.push({
      path: "cidrs",
      message: `${cidrs.length} blocks are more than a VPC's ${limits.cidrsPerNetwork}.`,
      remedy: "Use fewer, larger blocks.",
    });
  return problems;
}

function checkSubnets(spec: NetworkSpec): ArgumentProblem[] {
  return [
    ...checkSubnetBlocks(spec),
    ...(spec.subnets.some(({ role }) => role === "gateway")
      ? []
      : [
          {
            path: "subnets",
            message: "No subnet is for gateways.",
            remedy: 'Give one the role "gateway".',
          },
        ]),
  ];
}

export function checkSubnetBlocks({
  cidrs,
  subnets,
}: {
  readonly cidrs: readonly string[];
  readonly subnets: readonly Pick<SubnetSpec, "name" | "cidr">[];
}): ArgumentProblem[] {
  const own = cidrs.map(parseBlock).filter((block) => block !== undefined);
  // Where a block of the network is refused, what lies in it cannot be told.
  const known = own.length > 0 && own.length === cidrs.length;
  const seen: { name: string; block: Block }[] = [];
  const problems: ArgumentProblem[] = [];
  for (const [index, { name, cidr }] of subnets.entries()) {
    const path = `subnets[${index}].cidr`;
    const block = parseBlock(cidr);
    if (block === undefined || block.prefix > limits.cidrPrefix.longest)
      problems.push({
        path,
        message: `"${cidr}" is no subnet's block.`,
        remedy: "Write a canonical block of /28 or larger.",
      });
    else if (known && !own.some((outer) => contains(outer, block)))
      problems.push({
        path,
        message: `${cidr} lies outside the network.`,
        remedy: `Choose it within ${cidrs.join(", ")}.`,
      });
    else {
      const clash = seen.find((other) => overlap(other.block, block));
      if (clash !== undefined)
        problems.push({
          path,
          message: `${cidr} overlaps ${formatBlock(clash.block)} of ${clash.name}.`,
          remedy: "Give each subnet a block of its own.",
        });
      seen.push({ name, block });
    }
  }
  return problems;
}

/** A new subnet needs a zone; of a network that is there, every subnet is given by its id, and none for workloads. */
function checkExisting({ subnets, existing }: NetworkSpec): ArgumentProblem[] {
  if (existing === undefined)
    return subnets.flatMap(({ zone }, index): ArgumentProblem[] =>
      zone === undefined || zone === ""
        ? [
            {
              path: `subnets[${index}].zone`,
              message: "A new subnet needs a zone.",
              remedy: "Write a letter, such as a.",
            },
          ]
        : [],
    );
  const problems = subnets.flatMap(({ name, role }, index): ArgumentProblem[] => {
    if (role !== "gateway")
      return [
        {
          path: `subnets[${index}].role`,
          message: "Of an existing network only the gateways' subnets are used.",
          remedy: "Leave the others out; their route tables take the routes.",
        },
      ];
    if (existing.subnets.includes(name)) return [];
    return [
      {
        path: `subnets[${index}].id`,
        message: "A subnet of an existing network is given by its id.",
        remedy: "Write it: subnet-….",
      },
    ];
  });
  const names = existing.routeTables;
  if (names.length === 0)
    problems.push({
      path: "existing.routeTables",
      message: "No route table would take the routes to other regions.",
      remedy: "Name at least one.",
    });
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      problems.push({
        path: `existing.routeTables[${index}].name`,
        message: `There are two route tables "${name}".`,
        remedy: "Name each once.",
      });
  return problems;
}

/** Of the form of blocks this says little more than AWS: what a fleet file holds was checked there. */
function checkIpv6({ ipv6, subnets, existing }: NetworkSpec): ArgumentProblem[] {
  const { shortest, longest, step } = limits.ipv6Prefix;
  if (ipv6 === undefined)
    return subnets.flatMap((subnet, index): ArgumentProblem[] =>
      subnet.ipv6 === undefined
        ? []
        : [
            {
              path: `subnets[${index}].ipv6`,
              message: "The network has no IPv6 block.",
              remedy: "Give the network one, or leave it out here.",
            },
          ],
    );
  const problems: ArgumentProblem[] = [];
  const block = parseBlock6(ipv6.cidr);
  if (block === undefined || block.prefix < shortest || block.prefix > longest || block.prefix % step !== 0)
    problems.push({
      path: "ipv6.cidr",
      message: `"${ipv6.cidr}" is no IPv6 block that a VPC takes.`,
      remedy: `Write a canonical block of /${shortest} to /${longest} in steps of ${step}.`,
    });
  if (existing !== undefined)
    problems.push({
      path: "ipv6",
      message: "An existing network keeps the blocks that it has.",
      remedy: "Leave ipv6 out.",
    });
  for (const [index, { ipv6: text }] of subnets.entries()) {
    if (text === undefined) continue;
    const own = parseBlock6(text);
    if (own?.prefix === limits.ipv6SubnetPrefix && (block === undefined || contains6(block, own))) continue;
    problems.push({
      path: `subnets[${index}].ipv6`,
      message: `"${text}" is no /64 of ${ipv6.cidr}.`,
      remedy: "Give each subnet a /64 of its own within the network's block.",
    });
  }
  const texts = subnets.map((subnet) => subnet.ipv6);
  for (const [index, text] of texts.entries())
    if (text !== undefined && texts.indexOf(text) !== index)
      problems.push({
        path: `subnets[${index}].ipv6`,
        message: `There are two subnets with ${text}.`,
        remedy: "Give each subnet a block of its own.",
      });
  return problems;
}

function checkManagement({ cidrs, managementAllowFrom }: NetworkSpec): ArgumentProblem[] {
  const problems = checkManagementRanges(managementAllowFrom);
  const rules = managementAllowFrom.length + cidrs.length;
  if (managementAllowFrom.length > 0 && rules > limits.inboundRulesPerGroup)
    problems.push({
      path: "managementAllowFrom",
      message: `${rules} rules are more than a security group's ${limits.inboundRulesPerGroup}.`,
      remedy: "Name fewer, larger management ranges.",
    });
  return problems;
}
