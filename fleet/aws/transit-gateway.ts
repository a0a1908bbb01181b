import { type Cidr, formatAddress, formatCidr, parseCidr, sizeOf } from "../cidr";
import type { PlannedTransitPeer } from "../plan";
import { limits } from "./limits";

/**
 * BGP's addresses inside GRE, a /29 for each gateway: unique on their transit gateway, which is the region's own, so that
 * they follow from the gateway's place alone. Apart from AWS' reserved ones and from the metadata service.
 * @see AWS, "Connect attachments and Connect peers in AWS Transit Gateway": Inside CIDR blocks
 */
const insideBlock = 0xa9fe6400; // 169.254.100.0

/** Of RFC 6598: a network between a provider and its customers, which no region of a user's is likely to have. */
const shared: Cidr = { address: 0x64400000, prefix: 10 };

/** @param number below `sharedBlocks`, by hash of the region's name */
export function sharedBlock(number: number): Cidr {
  const { longest } = limits.transitGateway.cidrPrefix;
  return { address: shared.address + number * sizeOf(longest), prefix: longest };
}

/** How many blocks of the transit gateway's size there are to choose from. */
export const sharedBlocks = 2 ** (limits.transitGateway.cidrPrefix.longest - shared.prefix);

/** The Connect peer of the gateway at this place in its region, from 0. */
export function transitPeer(gateway: string, cidr: Cidr, place: number): PlannedTransitPeer {
  const inside = insideBlock + place * sizeOf(limits.transitGateway.insidePrefix);
  return {
    gateway,
    address: formatAddress(cidr.address + 1 + place),
    insideNetwork: formatCidr({ address: inside, prefix: limits.transitGateway.insidePrefix }),
    inside: `${formatAddress(inside + 1)}/${String(limits.transitGateway.insidePrefix)}`,
    speakers: [formatAddress(inside + 2), formatAddress(inside + 3)],
  };
}

/** Whether a transit gateway takes the block for its own addresses; else why not, in half a sentence. */
export function unfitBlock({ address, prefix }: Cidr): string | undefined {
  const { longest } = limits.transitGateway.cidrPrefix;
  if (prefix > longest) return `is smaller than a /${String(longest)}`;
  const linkLocal = parseCidr("169.254.0.0/16");
  return typeof linkLocal === "object" &&
    address <= linkLocal.address + sizeOf(linkLocal.prefix) - 1 &&
    linkLocal.address <= address + sizeOf(prefix) - 1
    ? "has link-local addresses (RFC 3927)"
    : undefined;
}
