import { limits } from "../../fleet/aws/limits";
import type { GatewayFacts } from "../facts";
import type { TransitView } from "../view";

/** Neither a tunnel between gateways (`x…`, `p…`) nor one of the kernel's own (`gre0`). */
export const greInterface = "transit0";

/** Bytes that every machine of the cloud's can send, at least; what it receives may be larger. */
const ethernet = 1500;

/** `/etc/trunkline/gre`: the tunnel to the transit gateway, as `trunkline-gateway links` makes it. */
export function renderGre({ address, inside }: TransitView, { self }: GatewayFacts): string {
  const mtu = ethernet - limits.transitGateway.greBytes;
  return `# interface, own address, transit gateway's, inside address, MTU
${greInterface} ${self.privateAddress} ${address} ${inside} ${String(mtu)}
`;
}
