/** A network of either family, and where it stands in the file. */
export interface Placed<C> {
  readonly cidr: C;
  readonly path: string;
}

/**
 * One sweep over the networks in order of their first address: all that overlap the one with the greatest last
 * address so far. Each is named with one partner, so that n equal networks give n - 1 pairs.
 * @param lastOf a network's last address
 */
export function overlapping<C extends { readonly address: number | bigint; readonly prefix: number }>(
  placed: readonly Placed<C>[],
  lastOf: (cidr: C) => C["address"],
): { readonly next: Placed<C>; readonly widest: Placed<C> }[] {
  const sorted = [...placed].sort((one, other) =>
    one.cidr.address === other.cidr.address
      ? one.cidr.prefix - other.cidr.prefix
      : one.cidr.address < other.cidr.address
        ? -1
        : 1,
  );
  const found: { readonly next: Placed<C>; readonly widest: Placed<C> }[] = [];
  let widest: Placed<C> | undefined;
  for (const next of sorted) {
    if (widest !== undefined && next.cidr.address <= lastOf(widest.cidr)) found.push({ next, widest });
    if (widest === undefined || lastOf(next.cidr) > lastOf(widest.cidr)) widest = next;
  }
  return found;
}
