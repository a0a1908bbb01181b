/** An IPv6 network: address and prefix length, host bits clear when it comes from `parseCidr6`. */
export interface Cidr6 {
  /** Unsigned 128 bits. */
  readonly address: bigint;
  readonly prefix: number;
}

/**
 * RFC 4291 section 2.2, without an IPv4 address at its end.
 * @returns the network, `"hostBits"` when bits are set beyond the prefix, `undefined` when it is no CIDR at all
 */
export function parseCidr6(text: string): Cidr6 | "hostBits" | undefined {
  const [words = "", length = "", ...more] = text.split("/");
  const address = parseAddress6(words);
  if (address === undefined || more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 128) return undefined;
  return address % sizeOf6(prefix) === 0n ? { address, prefix } : "hostBits";
}

export function formatCidr6({ address, prefix }: Cidr6): string {
  return `${formatAddress6(address)}/${String(prefix)}`;
}

/** As RFC 5952 has it: lower case, no leading zeros, the first longest run of two or more zero words as `::`. */
export function formatAddress6(address: bigint): string {
  const words = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  const runs = words.map((_, start) => {
    const end = words.findIndex((word, index) => index >= start && word !== "0");
    return { start, length: (end < 0 ? words.length : end) - start };
  });
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best));
  if (longest.length < 2) return words.join(":");
  const before = words.slice(0, longest.start).join(":");
  return `${before}::${words.slice(longest.start + longest.length).join(":")}`;
}

/** `text` with its host bits cleared: what its writer most likely meant. */
export function clearHostBits6(text: string): string {
  const [words = "", length = ""] = text.split("/");
  const address = parseAddress6(words) ?? 0n;
  const prefix = Number(length);
  return formatCidr6({ address: address - (address % sizeOf6(prefix)), prefix });
}

export function overlaps6(one: Cidr6, other: Cidr6): boolean {
  return one.address <= lastOf6(other) && other.address <= lastOf6(one);
}

/** The `index`th network of `prefix` inside `outer`. */
export function subnetOf6(outer: Cidr6, prefix: number, index: number): Cidr6 {
  return { address: outer.address + BigInt(index) * sizeOf6(prefix), prefix };
}

export function lastOf6({ address, prefix }: Cidr6): bigint {
  return address + sizeOf6(prefix) - 1n;
}

function sizeOf6(prefix: number): bigint {
  return 1n << BigInt(128 - prefix);
}

function parseAddress6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - right.length;
  // "::" stands for at least one word; without it there are eight.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const words = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return words.reduce((sum, word) => (sum << 16n) | BigInt(parseInt(word, 16)), 0n);
}
