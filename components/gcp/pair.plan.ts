import { defaults } from "../../fleet/defaults";
import { type System, systemNamed, systemNames } from "../../fleet/system";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { type ImageQuery, planImage } from "./image.plan";
import { limits } from "./limits";
import type { NameSpec } from "../resource-name";
import { checkNames } from "./name";

export interface PairSpec extends NameSpec {
  readonly cloudRegion: string;
  readonly asn: number;
  readonly gateways: readonly {
    readonly letter: string;
    readonly zone: string;
    readonly size: string;
    /** Default `debian-13`. */
    readonly system?: System;
  }[];
  readonly router: RouterSpec;
}

interface RouterSpec {
  readonly asn: number;
  readonly interfaces: readonly { readonly name: string }[];
}

export interface PairPlan {
  readonly machines: readonly PlannedMachine[];
  /** Every gateway with every interface: losing one costs no gateway its sessions. */
  readonly sessions: readonly {
    readonly name: string;
    readonly letter: string;
    readonly interface: string;
  }[];
}

export interface PlannedMachine {
  readonly letter: string;
  /** With its region: `europe-west1-b`. */
  readonly zone: string;
  readonly size: string;
  readonly system: System;
  readonly image: ImageQuery;
  /** The machine that is made, and replaced, before this one. */
  readonly after: string | undefined;
}

export function planPair(spec: PairSpec): Planned<PairPlan> {
  const { gateways, router } = spec;
  const problems = [
    ...checkAsns(spec),
    ...checkGateways(spec),
    ...checkInterfaces(router),
    ...checkNames(spec, [
      ...gateways.map(({ letter }, index) => ({
        path: `gateways[${index}].letter`,
        suffix: `pair-${letter}`,
      })),
      ...router.interfaces.map(({ name }, index) => ({
        path: `router.interfaces[${index}].name`,
        suffix: `${gateways[0]?.letter ?? "a"}-${name}`,
      })),
    ]),
  ];
  return planned(problems, () => ({
    machines: gateways.map(({ letter, zone, size, system = defaults.system }, index) => ({
      letter,
      zone: `${spec.cloudRegion}-${zone}`,
      size,
      system,
      image: planImage(size, system),
      after: gateways[index - 1]?.letter,
    })),
    sessions: gateways.flatMap(({ letter }) =>
      router.interfaces.map(({ name }) => ({ name: `${letter}-${name}`, letter, interface: name })),
    ),
  }));
}

function checkAsns({ asn, router }: PairSpec): ArgumentProblem[] {
  const { least, greatest } = limits.peerAsn;
  const problems: ArgumentProblem[] = [];
  if (!Number.isInteger(asn) || asn < least || asn > greatest)
    problems.push({
      path: "asn",
      message: `${asn} is no ASN.`,
      remedy: `Choose one from ${least} to ${greatest}, best a private one.`,
    });
  if (!limits.routerAsns.some((range) => router.asn >= range.least && router.asn <= range.greatest))
    problems.push({
      path: "router.asn",
      message: `A Cloud Router takes no ASN ${router.asn}: it takes private ones (RFC 6996).`,
      remedy: "Choose one from 64512 to 65534 or from 4200000000 to 4294967294.",
    });
  // Equal ASNs would make the session iBGP, and a Cloud Router's sessions are external.
  if (asn === router.asn)
    problems.push({
      path: "router.asn",
      message: `Gateways and Cloud Router have the same ASN, ${asn}.`,
      remedy: "Give the Cloud Router another.",
    });
  return problems;
}

function checkGateways({ gateways }: PairSpec): ArgumentProblem[] {
  if (gateways.length === 0)
    return [
      { path: "gateways", message: "There is no gateway.", remedy: "Give at least one; two make a pair." },
    ];
  if (gateways.length > limits.instancesPerSpoke)
    return [
      {
        path: "gateways",
        message: `${gateways.length} gateways are more than a spoke links.`,
        remedy: `Give at most ${limits.instancesPerSpoke}.`,
      },
    ];
  return gateways.flatMap(({ letter, zone, system }, index): ArgumentProblem[] => [
    ...(gateways.findIndex((other) => other.letter === letter) === index
      ? []
      : [
          {
            path: `gateways[${index}].letter`,
            message: `There are two gateways "${letter}".`,
            remedy: "Name each once.",
          },
        ]),
    ...(/^[a-z]$/.test(zone)
      ? []
      : [
          {
            path: `gateways[${index}].zone`,
            message: `"${zone}" is no zone's letter.`,
            remedy: "Write what stands after the region's name, such as b.",
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
  ]);
}

function checkInterfaces({ interfaces }: RouterSpec): ArgumentProblem[] {
  if (interfaces.length !== limits.interfaces)
    return [
      {
        path: "router.interfaces",
        message: `The Cloud Router would have ${interfaces.length} interfaces; a pair of redundant ones is what gateways peer with.`,
        remedy: `Give ${limits.interfaces}.`,
      },
    ];
  return namedOnce("router.interfaces", "interfaces", interfaces);
}
