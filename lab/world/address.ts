import ipaddr from "ipaddr.js";

/** Whether `inner` (an address or a CIDR) lies within the CIDR `outer`, of the same family. */
export function within(inner: string, outer: string): boolean {
  if (isIpv6(inner) || isIpv6(outer)) return isIpv6(inner) && isIpv6(outer) && within6(inner, outer);
  const [network, prefix] = ipaddr.IPv4.parseCIDR(outer);
  const [address, innerPrefix] = ipaddr.IPv4.parseCIDR(inner.includes("/") ? inner : `${inner}/32`);
  return innerPrefix >= prefix && address.match(network, prefix);
}

function within6(inner: string, outer: string): boolean {
  const [network, prefix] = ipaddr.IPv6.parseCIDR(outer);
  const [address, innerPrefix] = ipaddr.IPv6.parseCIDR(inner.includes("/") ? inner : `${inner}/128`);
  return innerPrefix >= prefix && address.match(network, prefix);
}

export function isIpv6(text: string): boolean {
  return text.includes(":");
}

/**
 * What the internet carries. Of private IPv6 addresses AWS tells it nothing (EC2 API reference,
 * "VpcIpv6CidrBlockAssociation": ipv6AddressAttribute), and unique local ones are such (RFC 4193).
 */
export function isGlobal6(inner: string): boolean {
  return within(inner, "2000::/3");
}

/** As RFC 5952 writes it, host bits clear. */
export function isCidr6(text: string): boolean {
  if (!ipaddr.IPv6.isValidCIDR(text)) return false;
  const network = ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String();
  return `${network}/${String(prefixOf(text))}` === text;
}

/** The `index`th address of a /64; a cloud leaves its user all from 4 on, but the last (AWS, "Subnet CIDR blocks"). */
export function addressIn6(cidr: string, index: number): string {
  const { parts } = ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return new ipaddr.IPv6([...parts.slice(0, 7), index]).toRFC5952String();
}

export function isUsable6(address: string, cidr: string): boolean {
  if (!ipaddr.IPv6.isValid(address) || !within(address, cidr)) return false;
  const host = ipaddr.IPv6.parse(address).parts.slice(4);
  const first = host.slice(0, 3).every((part) => part === 0) && (host[3] ?? 0) < 4;
  return !first && !host.every((part) => part === 0xffff);
}

export function overlap(one: string, other: string): boolean {
  return within(one, other) || within(other, one);
}

export function isCidr(text: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return false;
  return ipaddr.IPv4.networkAddressFromCIDR(text).toString() === text.slice(0, text.indexOf("/"));
}

export function prefixOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf("/") + 1));
}

/**
 * How many addresses of a subnet each cloud keeps, at its beginning and its end.
 * @see AWS, "Subnet CIDR blocks"; Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)"; Google Cloud, "Subnets", Unusable addresses in IPv4 subnet ranges
 */
const kept = {
  aws: { first: 4, last: 1 },
  azure: { first: 4, last: 1 },
  gcp: { first: 2, last: 2 },
} as const;

/** Addresses of a subnet that a cloud leaves to its user, lowest first. */
export function* usableAddresses(cidr: string, cloud: keyof typeof kept = "aws"): Generator<string> {
  const first = toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr).octets);
  const size = 2 ** (32 - prefixOf(cidr));
  for (let index = kept[cloud].first; index < size - kept[cloud].last; index += 1)
    yield fromNumber(first + index);
}

export function isUsable(address: string, cidr: string, cloud: keyof typeof kept = "aws"): boolean {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) || !within(address, cidr)) return false;
  const first = toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr).octets);
  const index = toNumber(ipaddr.IPv4.parse(address).octets) - first;
  return index >= kept[cloud].first && index < 2 ** (32 - prefixOf(cidr)) - kept[cloud].last;
}

/** Of a Connect peer's /29: the router's address, then those of the transit gateway's two speakers. */
export function insideAddresses(cidr: string): readonly [string, string, string] {
  const first = toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr).octets);
  return [fromNumber(first + 1), fromNumber(first + 2), fromNumber(first + 3)];
}

function toNumber(octets: readonly number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function fromNumber(value: number): string {
  return [24, 16, 8, 0].map((shift) => String(Math.floor(value / 2 ** shift) % 256)).join(".");
}
