import type { Backbone } from "./backbone";

/**
 * Until a lab's one transit gateway spreads what it sends to a network over so many ways: gateways, or tunnels.
 * @param cidr the network
 * @throws Error when it never does
 */
export async function spreadOver(backbone: Backbone, cidr: string, count: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await waysTo(backbone, cidr);
    if (found === count) return;
    if (Date.now() > deadline) throw new Error(`${String(found)} ways in place of ${String(count)}`);
  }
}

/** How many ways a lab's one transit gateway sends by to a network. */
export async function waysTo(backbone: Backbone, cidr: string): Promise<number> {
  const script = `for at in $(ip netns list | cut -d" " -f1 | grep -x "tgw-[0-9a-f]*"); do ip -n "$at" -json route show ${cidr}; done`;
  const { stdout } = await backbone.site.probes.run("fabric", ["sh", "-c", script], { deadlineSeconds: 60 });
  const [route] = JSON.parse(stdout || "[]");
  return route === undefined ? 0 : (route.nexthops?.length ?? 1);
}
