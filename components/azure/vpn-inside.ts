import { contains, nthAddress, parseBlock } from "../block";
import type { ArgumentProblem } from "../problem";
import { limits } from "./limits";

/**
 * The network of a VPN gateway's own addresses inside of its tunnels, one for each instance.
 * @see Microsoft Learn, "How to configure BGP on Azure VPN Gateways", Azure APIPA BGP IP address
 */
export function checkVpnInside(insideCidr: string): ArgumentProblem[] {
  const { prefix, blocks } = limits.vpnGateway.inside;
  const block = parseBlock(insideCidr);
  const taken = blocks
    .map(parseBlock)
    .some((outer) => outer !== undefined && block !== undefined && contains(outer, block));
  return block?.prefix === prefix && taken
    ? []
    : [
        {
          path: "insideCidr",
          message: `"${insideCidr}" is no network for the inside of a VPN gateway's tunnels.`,
          remedy: `Choose a /${prefix} of ${blocks.join(" or ")}, such as 169.254.21.4/30.`,
        },
      ];
}

/** Its addresses, by instance. */
export function vpnInsides(insideCidr: string): string[] {
  return Array.from({ length: limits.vpnGateway.instances }, (_, index) => nthAddress(insideCidr, index + 1));
}

/** What its instances are called; part of the ids of their configurations. */
export function instanceNames(): string[] {
  return Array.from({ length: limits.vpnGateway.instances }, (_, index) => `instance-${index}`);
}

/** Id of an instance's configuration, of the gateway's own. */
export function configurationId(gatewayId: string, instance: string): string {
  return `${gatewayId}/ipConfigurations/${instance}`;
}
