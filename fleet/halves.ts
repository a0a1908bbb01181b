import { formatCidr, parseCidr, subnetOf } from "./cidr";

/** Both halves of an IPv4 network; of one address, and of anything else, none. */
export function halvesOf(network: string): readonly string[] {
  const cidr = parseCidr(network);
  return typeof cidr !== "object" || cidr.prefix === 32
    ? []
    : [0, 1].map((index) => formatCidr(subnetOf(cidr, cidr.prefix + 1, index)));
}
