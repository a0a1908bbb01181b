import type { Network, Subnet } from "./model";

/** Inside a network and towards the internet alike: what every path of the lab carries. */
export const pathMtu = 1500;

/** A subnet's first address is its router (AWS, "Subnet CIDR blocks": `.1`, reserved for the VPC router). */
export function routerOf({ cidr }: Subnet): string {
  return counted(cidr, 1);
}

/** The base of a network's first block plus two is its resolver (AWS, "Understand Amazon DNS", the same page's `.2`). */
export function resolverOf({ cidrs: [cidr = ""] }: Network): string {
  return counted(cidr, 2);
}

/** No carry: a block's base ends in bits that are clear, and no block is smaller than a /28. */
function counted(cidr: string, index: number): string {
  const [base = ""] = cidr.split("/");
  return base.replace(/\d+$/, (last) => String(Number(last) + index));
}
