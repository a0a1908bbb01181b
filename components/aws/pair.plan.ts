import { defaults } from "../../fleet/defaults";
import { type System, systemNamed, systemNames } from "../../fleet/system";
import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { routerAddress } from "../block";
import { type ImageQuery, planImage } from "./image.plan";
import { limits } from "./limits";

export interface PairSpec {
  readonly asn: number;
  readonly gateways: readonly {
    readonly letter: string;
    readonly subnetCidr: string;
    readonly size: string;
    /** Default `debian-13`. */
    readonly system?: System;
  }[];
  readonly routeTables: readonly { readonly name: string }[];
  /** Absent: the gateways move the tables' routes themselves. */
  readonly routeServer?: RouteServerSpec;
  readonly movedAddress?: boolean;
}

interface RouteServerSpec {
  readonly asn: number;
  readonly endpoints: readonly { readonly name: string }[];
}

export interface PairPlan {
  readonly machines: readonly PlannedMachine[];
  /** Every gateway with every endpoint: losing a zone costs no gateway its sessions with the other. */
  readonly sessions: readonly { readonly name: string; readonly letter: string; readonly endpoint: string }[];
}

export interface PlannedMachine {
  readonly letter: string;
  readonly size: string;
  readonly system: System;
  readonly image: ImageQuery;
  readonly routerAddress: string;
  /** The machine that is made, and replaced, before this one. */
  readonly after: string | undefined;
}

export function planPair(spec: PairSpec): Planned<PairPlan> {
  const problems = [
    ...checkAsns(spec),
    ...checkGateways(spec),
    ...checkTables(spec),
    ...checkMovedAddress(spec),
    ...(spec.routeServer === undefined ? [] : checkEndpoints(spec.routeServer)),
  ];
  return planned(problems, () => ({
    machines: spec.gateways.map(({ letter, subnetCidr, size, system = defaults.system }, index) => ({
      letter,
      size,
      system,
      image: planImage(size, system),
      routerAddress: routerAddress(subnetCidr),
      after: spec.gateways[index - 1]?.letter,
    })),
    sessions: spec.gateways.flatMap(({ letter }) =>
      (spec.routeServer?.endpoints ?? []).map(({ name }) => ({
        name: `${letter}-${name}`,
        letter,
        endpoint: name,
      })),
    ),
  }));
}

function checkAsns({ asn, routeServer }: PairSpec): ArgumentProblem[] {
  const { least, greatest } = limits.asn;
  const problems = [
    { path: "asn", value: asn },
    ...(routeServer === undefined ? [] : [{ path: "routeServer.asn", value: routeServer.asn }]),
  ].flatMap(({ path, value }): ArgumentProblem[] =>
    Number.isInteger(value) && value >= least && value <= greatest
      ? []
      : [
          {
            path,
            message: `${value} is no ASN.`,
            remedy: `Choose one from ${least} to ${greatest}, best a private one.`,
          },
        ],
  );
  // Equal ASNs would make the session iBGP, and the route server's sessions are external.
  if (asn === routeServer?.asn)
    problems.push({
      path: "routeServer.asn",
      message: `Gateways and route server have the same ASN, ${asn}.`,
      remedy: "Give the route server another.",
    });
  return problems;
}

function checkGateways({ gateways }: PairSpec): ArgumentProblem[] {
  if (gateways.length === 0)
    return [
      { path: "gateways", message: "There is no gateway.", remedy: "Give at least one; two make a pair." },
    ];
  return gateways.flatMap(({ letter, system }, index): ArgumentProblem[] => [
    ...(gateways.findIndex((other) => other.letter === letter) === index
      ? []
      : [
          {
            path: `gateways[${index}].letter`,
            message: `There are two gateways "${letter}".`,
            remedy: "Name each once.",
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

/** Two gateways that call the cloud's API can pass an address to and fro. */
function checkMovedAddress({ movedAddress, gateways, routeServer }: PairSpec): ArgumentProblem[] {
  if (!movedAddress || (gateways.length === 2 && routeServer === undefined)) return [];
  return [
    {
      path: "movedAddress",
      message: `An address moves between two gateways that have the right to; here ${routeServer === undefined ? `there are ${gateways.length}` : "a route server takes the routes, and gateways have no rights"}.`,
      remedy: "Give two gateways and no routeServer, or leave movedAddress out.",
    },
  ];
}

function checkTables({ routeTables }: PairSpec): ArgumentProblem[] {
  if (routeTables.length === 0)
    return [
      {
        path: "routeTables",
        message: "No route table takes the routes, so that no workload would find the gateways.",
        remedy: "Name at least one.",
      },
    ];
  return namedOnce("routeTables", "route tables", routeTables);
}

function checkEndpoints({ endpoints }: RouteServerSpec): ArgumentProblem[] {
  if (endpoints.length === 0)
    return [
      {
        path: "routeServer.endpoints",
        message: "The route server has no endpoint, so the network would never learn a route.",
        remedy: "Give one per gateway subnet.",
      },
    ];
  return namedOnce("routeServer.endpoints", "endpoints", endpoints);
}
