import ipaddr from "ipaddr.js";

/** A canonical IPv4 block: its network address and prefix length. */
export interface Block {
  readonly address: ipaddr.IPv4;
  readonly prefix: number;
}

/** @returns undefined unless `cidr` is IPv4 in canonical form, host bits clear: `10.10.0.0/16` */
export function parseBlock(cidr: string): Block | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  return formatBlock({ address: ipaddr.IPv4.networkAddressFromCIDR(cidr), prefix }) === cidr
    ? { address, prefix }
    : undefined;
}

export function formatBlock({ address, prefix }: Block): string {
  return `${address.toString()}/${prefix}`;
}

export function contains(outer: Block, inner: Block): boolean {
  return outer.prefix <= inner.prefix && inner.address.match(outer.address, outer.prefix);
}

export function overlap(one: Block, other: Block): boolean {
  return contains(one, other) || contains(other, one);
}

/**
 * The cloud's router in a subnet: the first address after the network's.
 * @see AWS, "Subnet CIDR blocks": "10.0.0.1: Reserved by AWS for the VPC router"
 * @see Google Cloud, "Subnets", Unusable addresses in IPv4 subnet ranges: the second address is the default gateway
 * @see Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)": x.x.x.1 is the default gateway
 */
export function routerAddress(subnet: string): string {
  return nthAddress(subnet, 1);
}

/** The `place`th address of a subnet, which has so many, within the last octet: 0 is the network's own. */
export function nthAddress(subnet: string, place: number): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(subnet).octets;
  return octets.map((octet, index) => (index === 3 ? octet + place : octet)).join(".");
}

/** A canonical IPv6 block. */
export interface Block6 {
  readonly address: ipaddr.IPv6;
  readonly prefix: number;
}

/** @returns undefined unless `cidr` is IPv6 in canonical form (RFC 5952), host bits clear: `fd8a:1b2c:3d00::/56` */
export function parseBlock6(cidr: string): Block6 | undefined {
  if (!ipaddr.IPv6.isValidCIDR(cidr)) return undefined;
  const [, prefix] = ipaddr.IPv6.parseCIDR(cidr);
  const address = ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${address.toRFC5952String()}/${prefix}` === cidr ? { address, prefix } : undefined;
}

export function contains6(outer: Block6, inner: Block6): boolean {
  return outer.prefix <= inner.prefix && inner.address.match(outer.address, outer.prefix);
}

/**
 * The VPC's router in a /64, the first address after the network's.
 * @see AWS, "Subnet CIDR blocks": the first four IPv6 addresses are reserved as the first four of IPv4 are
 */
export function routerAddress6(subnet: string): string {
  const parts = ipaddr.IPv6.networkAddressFromCIDR(subnet).parts;
  return new ipaddr.IPv6([...parts.slice(0, 7), 1]).toRFC5952String();
}

/** RFC 4193: routed where both sides agree, never on the internet. */
export function isUniqueLocal({ address, prefix }: Block6): boolean {
  return prefix >= 7 && address.match(ipaddr.IPv6.parse("fc00::"), 7);
}

/**
 * The `place`th /64 of a block that is no longer than that.
 * @throws Error when `block` is no block, or has no such place
 */
export function subnet64(block: string, place: number): string {
  const outer = parseBlock6(block);
  if (outer === undefined || place < 0 || place >= 2 ** (64 - outer.prefix))
    throw new Error(`"${block}" has no /64 in place ${String(place)}.`);
  const [one = 0, two = 0, three = 0, four = 0] = outer.address.parts;
  const whole = three * 2 ** 16 + four + place;
  const parts = [one, two, Math.floor(whole / 2 ** 16), whole % 2 ** 16, 0, 0, 0, 0];
  return `${new ipaddr.IPv6(parts).toRFC5952String()}/64`;
}
