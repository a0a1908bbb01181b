import { defaults } from "../../fleet/defaults";
import { type System, systemNamed, systemNames } from "../../fleet/system";
import { parseBlock } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { type ImageReference, isArm, planImage } from "./image.plan";
import { limits } from "./limits";
import type { NameSpec } from "../resource-name";
import { checkNames } from "./name";

export interface PairSpec extends NameSpec {
  readonly asn: number;
  readonly gateways: readonly {
    readonly letter: string;
    readonly zone: string;
    readonly size: string;
    readonly privateAddress: string;
    /** Default `debian-13`. */
    readonly system?: System;
  }[];
  readonly routeServer: { readonly instances: readonly { readonly name: string }[] };
}

export interface PlannedMachine {
  readonly letter: string;
  readonly zone: string;
  readonly size: string;
  readonly privateAddress: string;
  readonly system: System;
  readonly image: ImageReference;
  /** Secure boot and a virtual TPM: not of every Arm size. */
  readonly trustedLaunch: boolean;
  /** The machine that is made, and replaced, before this one. */
  readonly after: string | undefined;
}

export function planPair(spec: PairSpec): Planned<readonly PlannedMachine[]> {
  const { gateways, routeServer } = spec;
  const problems = [
    ...checkAsn(spec.asn),
    ...checkGateways(spec),
    ...checkInstances(routeServer.instances),
    ...checkNames(
      spec,
      gateways.map(({ letter }, index) => ({
        path: `gateways[${index}].letter`,
        suffix: `${letter}-interface`,
      })),
    ),
  ];
  return planned(problems, () =>
    gateways.map(({ letter, zone, size, privateAddress, system = defaults.system }, index) => ({
      letter,
      zone,
      size,
      privateAddress,
      system,
      image: planImage(size, system),
      trustedLaunch: !isArm(size),
      after: gateways[index - 1]?.letter,
    })),
  );
}

function checkAsn(asn: number): ArgumentProblem[] {
  const { greatest, kept } = limits.asns;
  const remedy = "Choose one from 64512 to 65514, best by leaving the fleet's plan its way.";
  if (!Number.isInteger(asn) || asn < 1 || asn > greatest)
    return [{ path: "asn", message: `A Route Server takes no ASN ${asn}: it takes 16-bit ones.`, remedy }];
  return kept.some((range) => asn >= range.least && asn <= range.greatest)
    ? [
        {
          path: "asn",
          message: `A Route Server takes no peer of ASN ${asn}: Azure or IANA keeps it.`,
          remedy,
        },
      ]
    : [];
}

function checkGateways({ gateways }: PairSpec): ArgumentProblem[] {
  if (gateways.length === 0)
    return [
      { path: "gateways", message: "There is no gateway.", remedy: "Give at least one; two make a pair." },
    ];
  if (gateways.length > limits.peersPerRouteServer)
    return [
      {
        path: "gateways",
        message: `${gateways.length} gateways are more peers than a Route Server has.`,
        remedy: `Give at most ${limits.peersPerRouteServer}.`,
      },
    ];
  const twice = (field: "letter" | "privateAddress", what: string) =>
    gateways.flatMap((gateway, index): ArgumentProblem[] =>
      gateways.findIndex((other) => other[field] === gateway[field]) === index
        ? []
        : [
            {
              path: `gateways[${index}].${field}`,
              message: `There are two gateways ${what} "${gateway[field]}".`,
              remedy: "Give each its own.",
            },
          ],
    );
  return [
    ...twice("letter", "of the letter"),
    ...twice("privateAddress", "at"),
    ...gateways.flatMap(({ zone, system, privateAddress }, index): ArgumentProblem[] => [
      ...(limits.zones.some((one) => one === zone)
        ? []
        : [
            {
              path: `gateways[${index}].zone`,
              message: `"${zone}" is no availability zone.`,
              remedy: `Write one of ${limits.zones.join(", ")}.`,
            },
          ]),
      ...(parseBlock(`${privateAddress}/32`) !== undefined
        ? []
        : [
            {
              path: `gateways[${index}].privateAddress`,
              message: `"${privateAddress}" is no IPv4 address.`,
              remedy: "Write one of the gateways' subnet, such as 10.10.0.4.",
            },
          ]),
      ...(system === undefined || systemNamed(system) !== undefined
        ? []
        : [
            {
              path: `gateways[${index}].system`,
              message: `There is no system "${String(system)}".`,
              remedy: `Choose one of ${systemNames.join(", ")}.`,
            },
          ]),
    ]),
  ];
}

function checkInstances(instances: readonly { readonly name: string }[]): ArgumentProblem[] {
  return instances.length === limits.routeServerInstances
    ? namedOnce("routeServer.instances", "instances", instances)
    : [
        {
          path: "routeServer.instances",
          message: `A Route Server has ${limits.routeServerInstances} instances, not ${instances.length}.`,
          remedy: `Name ${limits.routeServerInstances}.`,
        },
      ];
}
