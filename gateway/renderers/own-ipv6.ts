import { ofFamily } from "../../fleet/family";
import type { GatewayFacts } from "../facts";
import type { GatewayView } from "../view";

/** The gateway's place in its subnet's IPv6. */
export interface OwnIpv6 {
  readonly address: string;
  /** Prefix length of its subnet. */
  readonly prefix: number;
  readonly router: string;
}

/** @throws Error when the machine has no IPv6 address yet */
export function ownIpv6({ region, gateway }: GatewayView, { self }: GatewayFacts): OwnIpv6 {
  if (self.ipv6 === undefined)
    throw new Error(
      `The hand-over of region ${region.name} names no IPv6 address of ${gateway.id}. Bring that stack up with this fleet file first.`,
    );
  return self.ipv6;
}

/**
 * `/etc/trunkline/network`: what the cloud gave the network interface beside its IPv4 address. A machine that forwards
 * IPv6 takes no router's advertisements (RFC 4861 section 6.2.8), and images differ in what they ask for by DHCPv6.
 */
export function renderNetwork(view: GatewayView, facts: GatewayFacts): string {
  const { address, prefix, router } = ownIpv6(view, facts);
  const ways = ofFamily("ipv6", Object.values(facts.peers)).sort();
  return `# IPv4 address of an interface, and the IPv6 address that it has as well
${facts.self.privateAddress} ${address}/${String(prefix)}
${ways.length === 0 ? "" : `# peers elsewhere, and the router that leads to them; to nobody else does it lead over IPv6\n${ways.map((peer) => `to ${peer} via ${router}\n`).join("")}`}`;
}
