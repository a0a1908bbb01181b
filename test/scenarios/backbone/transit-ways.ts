import type { Backbone } from "./backbone";

/** Whose: AWS' transit gateway, or Google's HA VPN gateway. Namespaces are named so. */
type Whose = "tgw" | "vpn";

/**
 * Until a lab's one transit gateway, or HA VPN gateway, spreads what it sends to a network over so many ways: gateways, or tunnels.
 * @param cidr the network
 * @throws Error when it never does
 */
export async function spreadOver(
  backbone: Backbone,
  cidr: string,
  count: number,
  whose: Whose = "tgw",
): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await waysTo(backbone, cidr, whose);
    if (found === count) return;
    if (Date.now() > deadline) throw new Error(`${String(found)} ways in place of ${String(count)}`);
  }
}

/** How many ways a lab's one transit gateway, or HA VPN gateway, sends by to a network. */
export async function waysTo(backbone: Backbone, cidr: string, whose: Whose = "tgw"): Promise<number> {
  const script = `for at in $(ip netns list | cut -d" " -f1 | grep -x "${whose}-[0-9a-f]*"); do ip -n "$at" -json route show ${cidr}; done`;
  const { stdout } = await backbone.site.probes.run("fabric", ["sh", "-c", script], { deadlineSeconds: 60 });
  const [route] = JSON.parse(stdout || "[]");
  return route === undefined ? 0 : (route.nexthops?.length ?? 1);
}
