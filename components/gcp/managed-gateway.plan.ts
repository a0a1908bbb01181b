import type { Planned } from "../problem";
import { planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { limits } from "./limits";
import { checkNames } from "./name";
import { checkCidrs } from "./network.plan";

export interface ManagedGatewaySpec extends NameSpec {
  readonly asn: number;
  readonly cidrs: readonly string[];
}

export interface ManagedGatewayPlan {
  readonly asn: number;
  /** What the Cloud Router tells every peer, in place of each subnet by itself. */
  readonly advertised: readonly string[];
}

/** What an HA VPN gateway with its Cloud Router needs, or every reason why Google Cloud would refuse it. */
export function planManagedGateway(spec: ManagedGatewaySpec): Planned<ManagedGatewayPlan> {
  const { asn, cidrs } = spec;
  const ranges = limits.routerAsns;
  const problems = [
    ...(ranges.some(({ least, greatest }) => Number.isInteger(asn) && asn >= least && asn <= greatest)
      ? []
      : [
          {
            path: "asn",
            message: `${asn} is no ASN of a Cloud Router.`,
            remedy: `Choose one from ${ranges.map(({ least, greatest }) => `${least} to ${greatest}`).join(" or ")}.`,
          },
        ]),
    ...checkCidrs({ cidrs }),
    ...checkNames(spec, [{ path: "region", suffix: "router" }]),
  ];
  return planned(problems, () => ({ asn, advertised: cidrs }));
}
