import type { Block } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { checkRanges } from "../subnet-ranges";
import { limits } from "./limits";
import { checkNames } from "./name";
import { checkCidrs } from "./network.plan";

export interface ManagedNetworkSpec extends NameSpec {
  readonly cidrs: readonly string[];
  readonly subnets: readonly ManagedSubnetSpec[];
}

interface ManagedSubnetSpec {
  readonly name: string;
  readonly cidr: string;
}

/** What a network without gateways of its own needs, or every reason why Azure would refuse it. */
export function planManagedNetwork(
  spec: ManagedNetworkSpec,
): Planned<{ readonly subnets: readonly string[] }> {
  const { cidrs, subnets } = spec;
  const { name: home } = limits.vpnGateway.subnet;
  const problems = [
    ...checkCidrs(spec),
    ...checkRanges(cidrs, subnets, limits.subnetPrefix.longest, checkHome),
    ...(subnets.some(({ name }) => name === home)
      ? []
      : [
          {
            path: "subnets",
            message: "No subnet is for the VPN gateway.",
            remedy: `Give one the name "${home}": it lives in no other.`,
          },
        ]),
    ...namedOnce("subnets", "subnets", subnets),
    ...checkNames(spec, [{ path: "fleet", suffix: "network" }]),
  ];
  return planned(problems, () => ({ subnets: subnets.map(({ name }) => name) }));
}

function checkHome({ name, cidr }: ManagedSubnetSpec, block: Block, index: number): ArgumentProblem[] {
  const { name: home, longest } = limits.vpnGateway.subnet;
  return name === home && block.prefix > longest
    ? [
        {
          path: `subnets[${index}].cidr`,
          message: `${cidr} is too small for a VPN gateway.`,
          remedy: `Choose a block of /${longest} or larger.`,
        },
      ]
    : [];
}
