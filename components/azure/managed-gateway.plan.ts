import { isVpnGatewaySku, limits as skuLimits } from "../../fleet/azure/limits";
import type { Planned } from "../problem";
import { planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { checkNames } from "./name";
import { checkVpnAsn } from "./vpn-asn";
import { checkVpnInside, instanceNames, vpnInsides } from "./vpn-inside";

export interface ManagedGatewaySpec extends NameSpec {
  readonly asn: number;
  readonly size?: string;
  readonly insideCidr: string;
}

export interface ManagedGatewayPlan {
  readonly size: string;
  readonly instances: readonly { readonly name: string; readonly inside: string }[];
}

/** What an active-active VPN gateway needs, or every reason why Azure would refuse it. */
export function planManagedGateway(spec: ManagedGatewaySpec): Planned<ManagedGatewayPlan> {
  const { asn, insideCidr, size = skuLimits.vpnGateway.standard } = spec;
  const problems = [
    ...checkVpnAsn("asn", asn),
    ...checkVpnInside(insideCidr),
    ...(isVpnGatewaySku(size)
      ? []
      : [
          {
            path: "size",
            message: `"${size}" is no SKU of a VPN gateway that has BGP and lies in zones.`,
            remedy: `Choose one of ${Object.keys(skuLimits.vpnGateway.skus).join(", ")}.`,
          },
        ]),
    ...checkNames(
      spec,
      instanceNames()
        .slice(0, 1)
        .map((name) => ({ path: "region", suffix: `vpn-${name}-address` })),
    ),
  ];
  return planned(problems, () => {
    const insides = vpnInsides(insideCidr);
    return {
      size,
      instances: instanceNames().map((name, index) => ({ name, inside: insides[index] ?? "" })),
    };
  });
}
