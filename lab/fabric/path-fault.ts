import { createHash } from "node:crypto";
import type { Fault } from "../client/client";
import { internet } from "./names";

type PathFault = Extract<Fault, { do: "path" }>;

/**
 * Delay, loss and MTU between two public addresses, each way, on the internet. A fault without any of them mends the
 * path.
 */
export function pathScript(fault: PathFault, deviceOf: (address: string) => string | undefined): string {
  const { from, to } = fault;
  return [
    ...direction(fault, from, to, deviceOf(to)),
    ...direction(fault, to, from, deviceOf(from)),
    `ip -n ${internet} route flush cache`,
  ].join("\n");
}

/** Removes every path fault that the address takes part in. */
export function mendScript(devices: readonly string[]): string {
  return [
    `for pref in $(ip -n ${internet} rule show | sed -n 's/^\\(5[0-9][0-9][0-9]\\):.*/\\1/p'); do ip -n ${internet} rule del pref "$pref"; done`,
    ...devices.map((device) => `tc -n ${internet} qdisc del dev ${device} root 2> /dev/null || true`),
  ].join("\n");
}

function direction(
  { delayMs, lossPercent, mtu }: PathFault,
  from: string,
  to: string,
  device: string | undefined,
): string[] {
  if (device === undefined) return [];
  const number =
    5000 + (parseInt(createHash("sha256").update(`${from} ${to}`).digest("hex").slice(0, 7), 16) % 900);
  const lines = [
    `ip -n ${internet} rule del pref ${String(number)} 2> /dev/null || true`,
    `tc -n ${internet} qdisc del dev ${device} root 2> /dev/null || true`,
  ];
  if (mtu !== undefined)
    lines.push(
      `ip -n ${internet} rule add pref ${String(number)} from ${from} to ${to} lookup ${String(number)}`,
      `ip -n ${internet} route replace ${to}/32 via 169.254.2.1 dev ${device} onlink mtu lock ${String(mtu)} table ${String(number)}`,
    );
  if (delayMs !== undefined || lossPercent !== undefined)
    lines.push(
      `tc -n ${internet} qdisc add dev ${device} root handle 1: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0`,
      `tc -n ${internet} qdisc add dev ${device} parent 1:4 handle 40: netem${delayMs === undefined ? "" : ` delay ${String(delayMs)}ms`}${lossPercent === undefined ? "" : ` loss ${String(lossPercent)}%`}`,
      `tc -n ${internet} filter add dev ${device} parent 1: protocol ip u32 match ip src ${from}/32 match ip dst ${to}/32 flowid 1:4`,
    );
  return lines;
}
