import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { limits } from "./limits";

export interface ManagedGatewaySpec {
  readonly asn: number;
  readonly subnetIds: readonly unknown[];
}

/** What a transit gateway with VPN attachments needs, or every reason why AWS would refuse it. */
export function planManagedGateway({
  asn,
  subnetIds,
}: ManagedGatewaySpec): Planned<{ readonly asn: number }> {
  const { asns } = limits.transitGateway;
  const problems: ArgumentProblem[] = [];
  if (!asns.some(({ least, greatest }) => Number.isInteger(asn) && asn >= least && asn <= greatest))
    problems.push({
      path: "asn",
      message: `${asn} is no ASN of a transit gateway.`,
      remedy: `Choose one from ${asns.map(({ least, greatest }) => `${least} to ${greatest}`).join(" or ")}.`,
    });
  if (subnetIds.length === 0)
    problems.push({
      path: "subnetIds",
      message: "It is attached in no subnet.",
      remedy: "Name one in each zone that workloads live in.",
    });
  return planned(problems, () => ({ asn }));
}
