import { contains, parseBlock } from "./block";
import type { ArgumentProblem } from "./problem";

/** What a region announces of a network that is there already lies in that network. @param called the kind of network, as the cloud says it */
export function checkAnnounced(
  { networkId, cidrs }: { readonly networkId: string; readonly cidrs: readonly string[] },
  blocks: readonly string[],
  called: string,
): ArgumentProblem[] {
  const known = blocks.map(parseBlock).filter((block) => block !== undefined);
  return cidrs.flatMap((cidr, index): ArgumentProblem[] => {
    const block = parseBlock(cidr);
    if (block === undefined || known.some((outer) => contains(outer, block))) return [];
    return [
      {
        path: `cidrs[${index}]`,
        message: `${cidr} lies outside of ${networkId}, which has ${blocks.join(", ")}.`,
        remedy: `Announce only what the ${called} has.`,
      },
    ];
  });
}
