import type { CloudRules } from "../cloud";
import { existingRules } from "./existing";
import { limits, regions, routesFacts, routesTaken } from "./limits";
import { managedRules } from "./managed";
import { subnets, zones } from "./network";
import { staticTaker } from "./takers";

/** AWS, as planning sees it. */
export const awsRules: CloudRules = {
  title: "AWS",
  regions,
  regionExample: "us-east-1",
  owner: limits.account,
  network: {
    title: "A VPC",
    tables: "the VPC's tables",
    prefix: limits.vpcPrefix,
    most: limits.cidrsPerVpc,
    // Gateways and workloads of both zones must fit: four quarters, with a subnet for each gateway of a zone in the first
    // two, none longer than the cloud's longest.
    longestFirst: (gateways) => limits.subnetPrefixLongest - 2 - (gateways > 2 ? 1 : 0),
    reserved: [],
  },
  size: limits.size,
  mtu: limits.mtu,
  tags: { most: limits.tags.most - 10, check: checkTag },
  quotas: {
    addresses: {
      most: limits.elasticIpsPerRegion,
      within: "region",
      called: "Elastic IPs",
      whose: "a fresh account",
      remedy: "Ask AWS for a higher quota (EC2-VPC Elastic IPs) before `up`.",
    },
    networks: {
      most: limits.vpcsPerRegion,
      within: "region",
      called: "VPCs",
      whose: "a fresh account",
      remedy: "Ask AWS for a higher quota (VPCs per Region) before `up`.",
    },
  },
  lacks: {},
  existing: existingRules,
  managed: managedRules,
  takers: {
    service: {
      most: routesTaken.service,
      full: "RouteServerRoutesExceeded",
      covers: "RouteServerCoversOthers",
      its: "Its Route Server",
      told: "be told of",
      isTold: "is told of",
    },
    agent: staticTaker("agent"),
    "transit-gateway": staticTaker("transit-gateway"),
  },
  session: { bfd: true, away: "hops", chosenBy: "med" },
  serviceText: (endpoints) =>
    `a VPC Route Server with ${String(endpoints)} ${endpoints === 1 ? "endpoint" : "endpoints"}`,
  routesFacts,
  subnets,
  gatewayPlace: (letter) => ({ subnet: `gateway-${letter}` }),
  // One per zone: each costs money by the hour, and a gateway speaks with all of them.
  endpoints: (letters) =>
    letters
      .slice(0, zones.length)
      .map((letter) => ({ name: `endpoint-${letter}`, subnet: `gateway-${letter}` })),
};

function checkTag(key: string, value: string) {
  const { keyLength, valueLength } = limits.tags;
  if (key === "" || key.length > keyLength || key.toLowerCase().startsWith("aws:"))
    return {
      message: `AWS takes no tag "${key.slice(0, 60)}".`,
      remedy: `Use 1 to ${String(keyLength)} characters, not beginning with aws:.`,
    };
  return value.length > valueLength
    ? { message: "The value is too long.", remedy: `Use at most ${String(valueLength)} characters.` }
    : undefined;
}
