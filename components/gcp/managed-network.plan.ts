import type { Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { checkRanges } from "../subnet-ranges";
import { limits } from "./limits";
import { checkNames } from "./name";
import { checkCidrs, checkMtu } from "./network.plan";

export interface ManagedNetworkSpec extends NameSpec {
  readonly cidrs: readonly string[];
  readonly subnets: readonly { readonly name: string; readonly cidr: string }[];
  readonly mtu?: number;
}

/** What a network without gateways of its own needs, or every reason why Google Cloud would refuse it. */
export function planManagedNetwork(spec: ManagedNetworkSpec): Planned<{ readonly mtu: number }> {
  const { cidrs, subnets, mtu = limits.mtu.standard } = spec;
  const problems = [
    ...checkCidrs(spec),
    ...checkRanges(cidrs, subnets, limits.subnetPrefix.longest, () => []),
    ...namedOnce("subnets", "subnets", subnets),
    ...checkNames(
      spec,
      subnets.map(({ name }, index) => ({ path: `subnets[${index}].name`, suffix: name })),
    ),
    ...checkMtu(mtu),
  ];
  return planned(problems, () => ({ mtu }));
}
