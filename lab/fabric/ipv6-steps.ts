import type { Step } from "./piece";

/** Namespaces begin without IPv6: its noise would be on every wire. */
export function speaking(namespace: string, how: "forwards" | "ends"): Step {
  const settings = [
    ...["all", "default"].flatMap((which) => [
      `net.ipv6.conf.${which}.accept_dad=0`,
      `net.ipv6.conf.${which}.accept_ra=0`,
      `net.ipv6.conf.${which}.router_solicitations=0`,
      `net.ipv6.conf.${which}.disable_ipv6=0`,
    ]),
    ...(how === "forwards" ? ["net.ipv6.conf.all.forwarding=1", "net.ipv6.icmp.ratelimit=0"] : []),
  ];
  return { sh: `ip netns exec ${namespace} sysctl -qw ${settings.join(" ")}` };
}

/** As it was: without addresses, and without the routes that hung on them. A namespace that is gone has none. */
export function silent(namespace: string, device = "all"): Step {
  return {
    sh: `ip netns exec ${namespace} sysctl -qw net.ipv6.conf.${device}.disable_ipv6=1 2> /dev/null || true`,
  };
}

/** Rules of IPv6 need the word before the batch: their lines name no address. */
export function ip6(namespace: string, lines: readonly string[]): Step[] {
  return [{ sh: `ip -6 -n ${namespace} -batch - <<'BATCH'\n${lines.join("\n")}\nBATCH` }];
}
