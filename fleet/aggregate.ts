import { type Cidr, contains, lastOf, sizeOf } from "./cidr";

export interface AggregateOptions {
  /** More prefixes than this are not wanted. */
  readonly most: number;
  /** Addresses that a prefix never takes beside those of the networks. */
  readonly avoid: readonly Cidr[];
  /** Where a prefix may take addresses of nobody at all. */
  readonly within: readonly Cidr[];
}

/**
 * Prefixes that stand for networks, towards a router that takes few. Pure, and the same for every order of its input.
 * - At most `most` networks: they themselves.
 * - Else prefixes that cover every address of the networks, and as few others as can be; of those the fewest. So merges
 *   that take nothing else come first.
 * - An address that is of no network is taken only within `within`, and never one of `avoid`.
 * - Where all that is not enough: the fewest prefixes that these rules allow, more than `most`.
 * @param networks disjoint
 * @returns disjoint, in order of address
 */
export function aggregate(networks: readonly Cidr[], options: AggregateOptions): Cidr[] {
  const sorted = [...networks].sort((one, other) => one.address - other.address || one.prefix - other.prefix);
  const [first, ...others] = sorted;
  if (first === undefined || sorted.length <= options.most) return sorted;
  const rules = { ...options, blocked: without(options.avoid, sorted) };
  const [best] = choices([first, ...others], rules)
    .filter((choice) => choice !== undefined)
    .sort((one, other) => one.waste - other.waste || one.count - other.count);
  return best === undefined ? fewest([first, ...others], rules) : prefixesOf(best);
}

/** Addresses of `prefix` that are of no network. */
export function wasteOf(prefix: Cidr, networks: readonly Cidr[]): number {
  return networks
    .filter(({ address }) => address >= prefix.address && address <= lastOf(prefix))
    .reduce((left, network) => left - sizeOf(network.prefix), sizeOf(prefix.prefix));
}

interface Rules extends AggregateOptions {
  /** Of `avoid`, what is of no network: whoever takes a network takes all of it. */
  readonly blocked: readonly Span[];
}

/** First and last address. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** At least one, sorted. */
type Networks = readonly [Cidr, ...Cidr[]];

/** One way to cover some networks. */
interface Choice {
  /** Addresses of no network. */
  readonly waste: number;
  readonly count: number;
  /** The one prefix, or the ways of the two halves. */
  readonly of: Cidr | readonly [Choice, Choice];
}

/**
 * The least wasteful way for each count of prefixes, at the index of the count; absent where there is none. A prefix that
 * covers two networks covers the smallest block around them, so only the blocks where networks part are looked at.
 */
function choices(networks: Networks, rules: Rules): readonly (Choice | undefined)[] {
  const [first] = networks;
  const halves = part(networks);
  if (halves === undefined) return [undefined, { waste: 0, count: 1, of: first }];
  const [left, right] = [choices(halves.left, rules), choices(halves.right, rules)];
  const found = new Array<Choice | undefined>(Math.min(left.length + right.length - 1, rules.most + 1));
  found.fill(undefined);
  const { block } = halves;
  if (allowed(block, networks, rules)) found[1] = { waste: wasteOf(block, networks), count: 1, of: block };
  for (const one of left)
    for (const other of right) {
      if (one === undefined || other === undefined) continue;
      const count = one.count + other.count;
      const waste = one.waste + other.waste;
      const before = found[count];
      if (count <= rules.most && (before === undefined || waste < before.waste))
        found[count] = { waste, count, of: [one, other] };
    }
  return found;
}

function prefixesOf({ of }: Choice): Cidr[] {
  return "prefix" in of ? [of] : of.flatMap(prefixesOf);
}

/** The largest blocks that may be taken whole, from the top. */
function fewest(networks: Networks, rules: Rules): Cidr[] {
  const halves = part(networks);
  if (halves === undefined) return [...networks];
  return allowed(halves.block, networks, rules)
    ? [halves.block]
    : [...fewest(halves.left, rules), ...fewest(halves.right, rules)];
}

/** The smallest block around networks, and those of its halves; `undefined` for a single network. */
function part(
  networks: Networks,
): { readonly block: Cidr; readonly left: Networks; readonly right: Networks } | undefined {
  const block = around(networks);
  const middle = block.address + sizeOf(block.prefix) / 2;
  const [first, ...lower] = networks.filter(({ address }) => address < middle);
  const [second, ...upper] = networks.filter(({ address }) => address >= middle);
  if (first === undefined || second === undefined) return undefined;
  return { block, left: [first, ...lower], right: [second, ...upper] };
}

function around(networks: Networks): Cidr {
  const [first] = networks;
  const last = lastOf(networks.at(-1) ?? first);
  for (let prefix = first.prefix; ; prefix -= 1) {
    const block = { address: first.address - (first.address % sizeOf(prefix)), prefix };
    if (prefix === 0 || lastOf(block) >= last) return block;
  }
}

function allowed(block: Cidr, networks: Networks, { within, blocked }: Rules): boolean {
  if (wasteOf(block, networks) === 0) return true;
  const inside = within.some((range) => contains(range, block));
  return inside && !blocked.some(({ first, last }) => first <= lastOf(block) && last >= block.address);
}

/** What is left of ranges without some disjoint networks. */
function without(ranges: readonly Cidr[], networks: readonly Cidr[]): Span[] {
  return ranges.flatMap((range) => {
    const left: Span[] = [];
    let next = range.address;
    for (const network of networks) {
      if (lastOf(network) < range.address || network.address > lastOf(range)) continue;
      if (network.address > next) left.push({ first: next, last: network.address - 1 });
      next = Math.max(next, lastOf(network) + 1);
    }
    return next > lastOf(range) ? left : [...left, { first: next, last: lastOf(range) }];
  });
}
