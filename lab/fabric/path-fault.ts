import { createHash } from "node:crypto";
import type { Fault } from "../client/client";
import { isIpv6 } from "../world/address";
import { internet, link, link6 } from "./names";

const inInternet = `ip netns exec ${internet}`;

type PathFault = Extract<Fault, { do: "path" }>;

/**
 * Delay, loss, MTU and what becomes of fragments between a public address and others, each way, on the internet. A fault
 * without any of them mends the path.
 */
export function pathScript(fault: PathFault, deviceOf: (address: string) => string | undefined): string {
  const { from } = fault;
  const directions = [fault.to]
    .flat()
    .flatMap((to) => [direction(fault, from, to, deviceOf(to)), direction(fault, to, from, deviceOf(from))]);
  return [
    "set -e",
    ...directions.flatMap(({ prepared }) => prepared),
    // Nothing of it acts before this.
    ...directions.flatMap(({ begins }) => begins),
    `ip -n ${internet} route flush cache`,
    `ip -6 -n ${internet} route flush cache`,
  ].join("\n");
}

interface Direction {
  readonly prepared: readonly string[];
  readonly begins: readonly string[];
}

/** Removes every path fault that the address takes part in. */
export function mendScript(devices: readonly string[]): string {
  return [
    ...["-4", "-6"].map(
      (family) =>
        `for pref in $(ip ${family} -n ${internet} rule show | sed -n 's/^\\(5[0-9][0-9][0-9]\\):.*/\\1/p'); do ip ${family} -n ${internet} rule del pref "$pref"; done`,
    ),
    ...["ip", "ip6"].map(
      (family) =>
        `for table in $(${inInternet} nft list tables ${family} | sed -n 's/^table ${family} \\(path5[0-9]*\\)$/\\1/p'); do ${inInternet} nft delete table ${family} "$table"; done`,
    ),
    ...devices.map((device) => `tc -n ${internet} qdisc del dev ${device} root 2> /dev/null || true`),
  ].join("\n");
}

function direction(
  { delayMs, lossPercent, mtu, fragments }: PathFault,
  from: string,
  to: string,
  device: string | undefined,
): Direction {
  if (device === undefined) return { prepared: [], begins: [] };
  const number =
    5000 + (parseInt(createHash("sha256").update(`${from} ${to}`).digest("hex").slice(0, 7), 16) % 900);
  const n = String(number);
  const tc = `tc -n ${internet}`;
  const family = isIpv6(to) ? ipv6 : ipv4;
  const ip = `ip ${family.option} -n ${internet}`;
  const begins: string[] = [];
  const prepared = [
    `${ip} rule del pref ${n} 2> /dev/null || true`,
    `${inInternet} nft delete table ${family.table} path${n} 2> /dev/null || true`,
    `${tc} filter del dev ${device} parent 1: pref ${n} 2> /dev/null || true`,
    `${tc} class del dev ${device} classid 1:${n} 2> /dev/null || true`,
  ];
  if (mtu !== undefined) {
    prepared.push(
      `${ip} route replace ${to}/${family.bits} ${family.next} dev ${device} onlink mtu lock ${String(mtu)} table ${n}`,
    );
    begins.push(`${ip} rule add pref ${n} from ${from} to ${to} lookup ${n}`);
  }
  if (fragments === "dropped")
    begins.push(withoutFragments(`${family.table} path${n}`, family.fragments(from, to, mtu)));
  // A class per path; what is in none passes as if nothing was there.
  if (delayMs !== undefined || lossPercent !== undefined) {
    prepared.push(
      `${tc} qdisc show dev ${device} root | grep -q htb || ${tc} qdisc add dev ${device} root handle 1: htb`,
      `${tc} class add dev ${device} parent 1: classid 1:${n} htb rate 10gbit quantum 60000`,
      `${tc} qdisc add dev ${device} parent 1:${n} handle ${n}: netem limit 100000${delayMs === undefined ? "" : ` delay ${String(delayMs)}ms`}${lossPercent === undefined ? "" : ` loss ${String(lossPercent)}%`}`,
    );
    begins.push(
      `${tc} filter add dev ${device} parent 1: protocol ${family.word} pref ${n} u32 match ${family.table} src ${from}/${family.bits} match ${family.table} dst ${to}/${family.bits} flowid 1:${n}`,
    );
  }
  return { prepared, begins };
}

const ipv4 = {
  option: "-4",
  /** For nft and for tc's u32. */
  table: "ip",
  /** For tc's filters. */
  word: "ip",
  bits: "32",
  next: `via ${link.outer.network}`,
  /** Flags and offset share 16 bits (RFC 791): 0x2000 is "more fragments", 0x4000 "don't fragment". */
  fragments: (from: string, to: string, mtu = 1500) => [
    `ip saddr ${from} ip daddr ${to} ip frag-off & 0x3fff != 0 drop`,
    `ip saddr ${from} ip daddr ${to} ip length > ${String(mtu)} ip frag-off & 0x4000 == 0 drop`,
  ],
} as const;

const ipv6 = {
  option: "-6",
  table: "ip6",
  word: "ipv6",
  bits: "128",
  next: `via ${link6.outer.network}`,
  /** A sender's own, by a header of theirs; on the way nobody makes any (RFC 8200 section 4.5). */
  fragments: (from: string, to: string) => [`ip6 saddr ${from} ip6 daddr ${to} exthdr frag exists drop`],
} as const;

function withoutFragments(table: string, rules: readonly string[]): string {
  return [
    `${inInternet} nft -f - <<'RULES'`,
    `table ${table} {`,
    "chain forward {",
    "type filter hook forward priority filter;",
    ...rules,
    "}",
    "}",
    "RULES",
  ].join("\n");
}
