export const families = ["ipv4", "ipv6"] as const;
/** Of which family a network or an address is, written as text: an IPv6 one has a colon. */
export type Family = (typeof families)[number];

export function familyOf(text: string): Family {
  return text.includes(":") ? "ipv6" : "ipv4";
}

export function ofFamily(family: Family, texts: readonly string[]): string[] {
  return texts.filter((text) => familyOf(text) === family);
}

/** What two regions' gateways speak to each other over: IPv6 needs both, so that regions can be changed one by one. */
export function outsideOf(one: { readonly outside: Family }, other: { readonly outside: Family }): Family {
  return one.outside === "ipv6" && other.outside === "ipv6" ? "ipv6" : "ipv4";
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
