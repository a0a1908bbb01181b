import type { Backbone } from "./backbone";

/** Whose: AWS' transit gateway, Google's HA VPN gateway, or the first instance of Azure's VPN gateway. */
type Whose = keyof typeof namespaces;

const namespaces = { tgw: "tgw-[0-9a-f]*", vpn: "vpn-[0-9a-f]*", vng: "vng-[0-9a-f]*-0" } as const;

/**
 * Until a lab's one gateway of that kind spreads what it sends to a network over so many ways: gateways, or tunnels.
 * @param cidr the network
 * @throws Error when it never does
 */
export async function spreadOver(
  backbone: Backbone,
  cidr: string,
  count: number,
  whose: Whose = "tgw",
  seconds = 120,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await waysTo(backbone, cidr, whose);
    if (found === count) return;
    if (Date.now() > deadline) throw new Error(`${String(found)} ways in place of ${String(count)}`);
  }
}

/** How many ways a lab's one gateway of that kind sends by to a network. */
export async function waysTo(backbone: Backbone, cidr: string, whose: Whose = "tgw"): Promise<number> {
  const script = `for at in $(ip netns list | cut -d" " -f1 | grep -x "${namespaces[whose]}"); do ip -n "$at" -json route show ${cidr}; done`;
  const { stdout } = await backbone.site.probes.run("fabric", ["sh", "-c", script], { deadlineSeconds: 60 });
  const [route] = JSON.parse(stdout || "[]");
  return route === undefined ? 0 : (route.nexthops?.length ?? 1);
}
