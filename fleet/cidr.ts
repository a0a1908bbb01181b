/** An IPv4 network: address and prefix length, host bits clear when it comes from `parseCidr`. */
export interface Cidr {
  /** Unsigned 32 bits. */
  readonly address: number;
  readonly prefix: number;
}

const pattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/**
 * @returns the network, `"hostBits"` when bits are set beyond the prefix, `undefined` when it is no CIDR at all;
 * leading zeros are refused, since some programs read them as octal
 */
export function parseCidr(text: string): Cidr | "hostBits" | undefined {
  const words = pattern.exec(text)?.slice(1);
  if (words === undefined || words.some((word) => word.length > 1 && word.startsWith("0"))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = words.map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % sizeOf(prefix) === 0 ? { address, prefix } : "hostBits";
}

export function formatCidr({ address, prefix }: Cidr): string {
  return `${formatAddress(address)}/${String(prefix)}`;
}

/** Dotted quad of an unsigned 32-bit number. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => String((address >>> shift) & 255)).join(".");
}

/** `text` with its host bits cleared: what its writer most likely meant. */
export function clearHostBits(text: string): string {
  const [network = "", prefix = "0"] = text.split("/");
  const address = network.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return formatCidr({ address: address - (address % sizeOf(Number(prefix))), prefix: Number(prefix) });
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.address <= lastOf(other) && other.address <= lastOf(one);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.address <= inner.address && lastOf(inner) <= lastOf(outer);
}

/** Addresses in a network of this prefix length. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function lastOf({ address, prefix }: Cidr): number {
  return address + sizeOf(prefix) - 1;
}

/** The `index`th network of `prefix` inside `outer`. */
export function subnetOf(outer: Cidr, prefix: number, index: number): Cidr {
  return { address: outer.address + index * sizeOf(prefix), prefix };
}
