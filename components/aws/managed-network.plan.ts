import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { checkBlocks, checkSubnetBlocks } from "./network.plan";

export interface ManagedNetworkSpec {
  readonly cloudRegion: string;
  readonly cidrs: readonly string[];
  readonly subnets: readonly { readonly name: string; readonly zone: string; readonly cidr: string }[];
}

export interface ManagedNetworkPlan {
  readonly primaryCidr: string;
  readonly secondaryCidrs: readonly string[];
  readonly subnets: readonly {
    readonly name: string;
    readonly cidr: string;
    readonly availabilityZone: string;
  }[];
}

/** What a network without gateways of its own needs, or every reason why AWS would refuse it. */
export function planManagedNetwork({
  cloudRegion,
  cidrs,
  subnets,
}: ManagedNetworkSpec): Planned<ManagedNetworkPlan> {
  const [primaryCidr = "", ...secondaryCidrs] = cidrs;
  const problems: ArgumentProblem[] = [
    ...checkBlocks({ cidrs }),
    ...checkSubnetBlocks({ cidrs, subnets }),
    ...subnets.flatMap(({ name, zone }, index): ArgumentProblem[] => [
      ...(zone === ""
        ? [
            {
              path: `subnets[${index}].zone`,
              message: "A new subnet needs a zone.",
              remedy: "Write a letter, such as a.",
            },
          ]
        : []),
      ...(subnets.findIndex((other) => other.name === name) < index
        ? [
            {
              path: `subnets[${index}].name`,
              message: `There are two subnets "${name}".`,
              remedy: "Name each once.",
            },
          ]
        : []),
    ]),
  ];
  return planned(problems, () => ({
    primaryCidr,
    secondaryCidrs,
    subnets: subnets.map(({ name, zone, cidr }) => ({
      name,
      cidr,
      availabilityZone: `${cloudRegion}${zone}`,
    })),
  }));
}
