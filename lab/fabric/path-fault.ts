import { createHash } from "node:crypto";
import type { Fault } from "../client/client";
import { internet, link } from "./names";

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
  ].join("\n");
}

interface Direction {
  readonly prepared: readonly string[];
  readonly begins: readonly string[];
}

/** Removes every path fault that the address takes part in. */
export function mendScript(devices: readonly string[]): string {
  return [
    `for pref in $(ip -n ${internet} rule show | sed -n 's/^\\(5[0-9][0-9][0-9]\\):.*/\\1/p'); do ip -n ${internet} rule del pref "$pref"; done`,
    `for table in $(${inInternet} nft list tables ip | sed -n 's/^table ip \\(path5[0-9]*\\)$/\\1/p'); do ${inInternet} nft delete table ip "$table"; done`,
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
  const begins: string[] = [];
  const prepared = [
    `ip -n ${internet} rule del pref ${n} 2> /dev/null || true`,
    `${inInternet} nft delete table ip path${n} 2> /dev/null || true`,
    `${tc} filter del dev ${device} parent 1: pref ${n} 2> /dev/null || true`,
    `${tc} class del dev ${device} classid 1:${n} 2> /dev/null || true`,
  ];
  if (mtu !== undefined) {
    prepared.push(
      `ip -n ${internet} route replace ${to}/32 via ${link.outer.network} dev ${device} onlink mtu lock ${String(mtu)} table ${n}`,
    );
    begins.push(`ip -n ${internet} rule add pref ${n} from ${from} to ${to} lookup ${n}`);
  }
  if (fragments === "dropped")
    begins.push(withoutFragments(`path${n}`, `ip saddr ${from} ip daddr ${to}`, mtu));
  // A class per path; what is in none passes as if nothing was there.
  if (delayMs !== undefined || lossPercent !== undefined) {
    prepared.push(
      `${tc} qdisc show dev ${device} root | grep -q htb || ${tc} qdisc add dev ${device} root handle 1: htb`,
      `${tc} class add dev ${device} parent 1: classid 1:${n} htb rate 10gbit quantum 60000`,
      `${tc} qdisc add dev ${device} parent 1:${n} handle ${n}: netem limit 100000${delayMs === undefined ? "" : ` delay ${String(delayMs)}ms`}${lossPercent === undefined ? "" : ` loss ${String(lossPercent)}%`}`,
    );
    begins.push(
      `${tc} filter add dev ${device} parent 1: protocol ip pref ${n} u32 match ip src ${from}/32 match ip dst ${to}/32 flowid 1:${n}`,
    );
  }
  return { prepared, begins };
}

/** Flags and offset share 16 bits (RFC 791): 0x2000 is "more fragments", 0x4000 "don't fragment". */
function withoutFragments(table: string, way: string, mtu = 1500): string {
  const rules = [
    `${way} ip frag-off & 0x3fff != 0 drop`,
    `${way} ip length > ${String(mtu)} ip frag-off & 0x4000 == 0 drop`,
  ];
  return [
    `${inInternet} nft -f - <<'RULES'`,
    `table ip ${table} {`,
    "chain forward {",
    "type filter hook forward priority filter;",
    ...rules,
    "}",
    "}",
    "RULES",
  ].join("\n");
}
