import { type Block, contains, formatBlock, overlap, parseBlock } from "./block";
import type { ArgumentProblem } from "./problem";

export interface RangedSubnet {
  readonly name: string;
  readonly cidr: string;
}

/**
 * What is wrong with the ranges of a new network's subnets, of a cloud whose subnets are a region's: none is smaller than
 * `longest`, each lies in what the region announces, and none overlaps another.
 * @param further what a cloud asks of one besides, whose range is sound by itself
 */
export function checkRanges<S extends RangedSubnet>(
  cidrs: readonly string[],
  subnets: readonly S[],
  longest: number,
  further: (subnet: S, block: Block, index: number) => readonly ArgumentProblem[],
): ArgumentProblem[] {
  const own = cidrs.map(parseBlock).filter((block) => block !== undefined);
  // Where a block of the network is refused, what lies in it cannot be told.
  const known = own.length > 0 && own.length === cidrs.length;
  const seen: { name: string; block: Block }[] = [];
  const problems: ArgumentProblem[] = [];
  for (const [index, subnet] of subnets.entries()) {
    const { name, cidr } = subnet;
    const path = `subnets[${index}].cidr`;
    const block = parseBlock(cidr);
    if (block === undefined || block.prefix > longest) {
      problems.push({
        path,
        message: `"${cidr}" is no subnet's range.`,
        remedy: `Write a canonical block of /${longest} or larger.`,
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
    problems.push(...further(subnet, block, index));
    seen.push({ name, block });
  }
  return problems;
}
