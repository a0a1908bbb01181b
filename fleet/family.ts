/** Of which family a network or an address is, written as text: an IPv6 one has a colon. */
export type Family = "ipv4" | "ipv6";

export function familyOf(text: string): Family {
  return text.includes(":") ? "ipv6" : "ipv4";
}

export function ofFamily(family: Family, texts: readonly string[]): string[] {
  return texts.filter((text) => familyOf(text) === family);
}

/** All networks of a region that others are told of. */
export function networksOf({
  cidrs,
  ipv6,
}: {
  readonly cidrs: readonly string[];
  readonly ipv6?: { readonly cidr: string };
}): readonly string[] {
  return ipv6 === undefined ? cidrs : [...cidrs, ipv6.cidr];
}
