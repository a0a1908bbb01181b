import type { ArgumentProblem, Planned } from "../problem";
import { namedOnce, planned } from "../problem";
import { contains, overlap, parseBlock } from "../block";
import { isInside, linkLocal } from "../inside-network";
import { limits } from "./limits";

export interface TransitGatewaySpec {
  readonly asn: number;
  readonly gatewayAsn: number;
  readonly cidr: string;
  readonly subnetIds: readonly unknown[];
  readonly peers: readonly TransitPeerSpec[];
  readonly routeTables: readonly { readonly name: string }[];
}

export interface TransitPeerSpec {
  readonly letter: string;
  readonly address: string;
  readonly insideNetwork: string;
}

/** A rule for each end of GRE. IANA, "Protocol Numbers": 47. */
export interface GreRule {
  readonly name: string;
  readonly description: string;
  readonly cidr: string;
}

export interface TransitGatewayPlan {
  readonly ingress: readonly GreRule[];
}

/** IANA's number of GRE, which EC2 knows no name for. */
export const greProtocol = "47";

/** What a transit gateway and its Connect peers need, or every reason why AWS would refuse them. */
export function planTransitGateway(spec: TransitGatewaySpec): Planned<TransitGatewayPlan> {
  const problems = [
    ...checkAsns(spec),
    ...checkBlock(spec),
    ...checkPeers(spec),
    ...(spec.subnetIds.length === 0
      ? [
          {
            path: "subnetIds",
            message: "It is attached in no subnet.",
            remedy: "Name one in each zone that workloads live in.",
          },
        ]
      : []),
    ...checkTables(spec),
  ];
  return planned(problems, () => ({
    ingress: spec.peers.map(({ letter, address }) => ({
      name: `${letter}-gre`,
      description: `GRE from the transit gateway to gateway ${letter}`,
      cidr: `${address}/32`,
    })),
  }));
}

function checkAsns({ asn, gatewayAsn }: TransitGatewaySpec): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const { asns } = limits.transitGateway;
  if (!asns.some(({ least, greatest }) => Number.isInteger(asn) && asn >= least && asn <= greatest))
    problems.push({
      path: "asn",
      message: `${asn} is no ASN of a transit gateway.`,
      remedy: `Choose one from ${asns.map(({ least, greatest }) => `${least} to ${greatest}`).join(" or ")}.`,
    });
  // With equal ones the sessions would be internal, which take routes of external ones only.
  if (asn === gatewayAsn)
    problems.push({
      path: "asn",
      message: `Gateways and transit gateway have the same ASN, ${asn}.`,
      remedy: "Give the transit gateway another.",
    });
  return problems;
}

function checkBlock({ cidr }: TransitGatewaySpec): ArgumentProblem[] {
  const block = parseBlock(cidr);
  const { longest } = limits.transitGateway.cidrPrefix;
  if (
    block !== undefined &&
    block.prefix <= longest &&
    (linkLocal === undefined || !overlap(block, linkLocal))
  )
    return [];
  return [
    {
      path: "cidr",
      message: `A transit gateway takes no addresses from "${cidr}".`,
      remedy: `Choose a canonical IPv4 block of /${longest} or larger, apart from 169.254.0.0/16.`,
    },
  ];
}

function checkPeers({ cidr, peers }: TransitGatewaySpec): ArgumentProblem[] {
  const { peersPerConnect } = limits.transitGateway;
  const block = parseBlock(cidr);
  const problems: ArgumentProblem[] =
    peers.length >= 1 && peers.length <= peersPerConnect
      ? []
      : [
          {
            path: "peers",
            message: `There are ${peers.length} Connect peers.`,
            remedy: `Give 1 to ${peersPerConnect}.`,
          },
        ];
  for (const [index, { letter, address, insideNetwork }] of peers.entries()) {
    const before = peers.slice(0, index);
    const twice = (what: string, path: string, taken: boolean) => {
      if (taken)
        problems.push({
          path: `peers[${index}].${path}`,
          message: `There are two Connect peers with ${what}.`,
          remedy: "Give each its own.",
        });
    };
    twice(
      `the letter "${letter}"`,
      "letter",
      before.some((other) => other.letter === letter),
    );
    twice(
      address,
      "address",
      before.some((other) => other.address === address),
    );
    twice(
      insideNetwork,
      "insideNetwork",
      before.some((other) => other.insideNetwork === insideNetwork),
    );
    const outer = parseBlock(`${address}/32`);
    if (block !== undefined && (outer === undefined || !contains(block, outer)))
      problems.push({
        path: `peers[${index}].address`,
        message: `${address} is not of the transit gateway's ${cidr}.`,
        remedy: "Choose one of it.",
      });
    if (!isInside(parseBlock(insideNetwork), limits.transitGateway))
      problems.push({
        path: `peers[${index}].insideNetwork`,
        message: `"${insideNetwork}" is no network for a Connect peer's sessions.`,
        remedy: "Choose a /29 of 169.254.0.0/16, none that AWS reserves, such as 169.254.100.0/29.",
      });
  }
  return problems;
}

function checkTables({ routeTables }: TransitGatewaySpec): ArgumentProblem[] {
  if (routeTables.length === 0)
    return [
      {
        path: "routeTables",
        message: "No route table leads to the transit gateway, so that no gateway would reach it.",
        remedy: "Name those of the gateways' subnets.",
      },
    ];
  return namedOnce("routeTables", "route tables", routeTables);
}
