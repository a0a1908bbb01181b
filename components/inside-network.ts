import { type Block, contains, overlap, parseBlock } from "./block";

/** Where addresses inside of tunnels come from (RFC 3927). */
export const linkLocal = parseBlock("169.254.0.0/16");

/** What a cloud takes as a network inside of a tunnel. */
export interface InsideLimits {
  readonly insidePrefix: number;
  readonly insideReserved: readonly string[];
}

/** Whether a network may be inside of a tunnel: of that size, of 169.254.0.0/16, and none that the cloud reserves. */
export function isInside(block: Block | undefined, { insidePrefix, insideReserved }: InsideLimits): boolean {
  return (
    block?.prefix === insidePrefix &&
    linkLocal !== undefined &&
    contains(linkLocal, block) &&
    !insideReserved.some((text) => {
      const reserved = parseBlock(text);
      return reserved !== undefined && overlap(reserved, block);
    })
  );
}
