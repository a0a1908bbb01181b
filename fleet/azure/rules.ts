import type { CloudRules } from "../cloud";
import { existingRules } from "./existing";
import { gatewayAsns, isTakenAsn, limits, networksTaken, regions, routesFacts, zones } from "./limits";
import { managedRules } from "./managed";
import { gatewaySubnet, subnets } from "./network";

/** Azure, as planning sees it. */
export const azureRules: CloudRules = {
  title: "Azure",
  regions,
  regionExample: "westeurope",
  owner: limits.subscription,
  network: {
    title: "A virtual network",
    tables: "the virtual network's route tables",
    prefix: limits.subnetPrefix,
    // Two are of the first network, and one is the Route Server's.
    most: limits.subnetsPerNetwork - 2,
    // The gateways' subnet and the Route Server's lie in its first half.
    longestFirst: () => limits.routeServerSubnet.prefix - 2,
    reserved: limits.reservedRanges.map((text) => ({
      text,
      why: 'Azure\'s own resolver, DHCP and probes: "Azure Virtual Network frequently asked questions (FAQ)"',
    })),
  },
  size: limits.size,
  mtu: limits.mtu,
  tags: { most: limits.tags.most - 10, check: checkTag },
  quotas: {
    addresses: {
      most: limits.addressesPerRegion,
      besides: limits.addressesOfRouteServer,
      within: "region",
      called: "Standard public IP addresses",
      whose: "a fresh subscription",
      remedy: "Ask Azure for a higher quota (Public IP Addresses - Standard) before `up`.",
    },
    networks: {
      most: limits.networksPerRegion,
      within: "region",
      called: "virtual networks",
      whose: "a subscription",
      remedy: "Give some regions another subscription.",
    },
  },
  lacks: {
    ipv6: notYet("IPv6 in the region's network", "Leave `ipv6` out."),
    outside: notYet("IPv6 between gateways", "Write `outside: ipv4` for this region."),
    agent: notYet("`routes: agent`", "Write `routes: service` for this region: a Route Server by BGP."),
    moved: notYet("an address that moves", "Write `address: own` for this region, and `routes: service`."),
    "transit-gateway": {
      code: "KeyConflict",
      message: "A transit gateway is AWS's: Azure has none.",
      remedy: "Write `routes: service` for this region: a Route Server by BGP.",
    },
  },
  existing: existingRules,
  managed: managedRules,
  takers: {
    service: {
      most: networksTaken,
      full: "AzureRouteServerRoutesExceeded",
      covers: "AzureRouteServerCoversOthers",
      its: "Its Route Server",
      told: "be told of",
      isTold: "is told of",
    },
  },
  session: {
    bfd: false,
    away: "hops",
    seconds: limits.bgpSeconds,
    // "Azure Route Server frequently asked questions (FAQ)": flows over all whose AS path is as long; of a MED it says nothing.
    chosenBy: "as-path",
    asns: { service: limits.asns.routeServer, takes: isTakenAsn, aliases: gatewayAsns },
  },
  serviceText: (endpoints) => `a Route Server with ${String(endpoints)} instances`,
  routesFacts,
  subnets,
  gatewayPlace: (_, place) => ({ subnet: gatewaySubnet, zone: zones[place % zones.length] ?? zones[0] }),
  endpoints: () =>
    Array.from({ length: limits.routeServerInstances }, (_, index) => ({
      name: `instance-${String(index)}`,
      subnet: limits.routeServerSubnet.name,
    })),
};

function notYet(what: string, remedy: string) {
  return {
    code: "NotYetSupported",
    message: `In a region of Azure, ${what} is planned, but this version does not build it.`,
    remedy,
  } as const;
}

function checkTag(key: string, value: string) {
  const { nameLength, valueLength, forbidden } = limits.tags;
  if (key === "" || key.length > nameLength || forbidden.test(key))
    return {
      message: `Azure takes no tag "${key.slice(0, 60)}".`,
      remedy: `Use 1 to ${String(nameLength)} characters, none of them < > % & \\ ? or /.`,
    };
  return value.length > valueLength
    ? { message: "The value is too long.", remedy: `Use at most ${String(valueLength)} characters.` }
    : undefined;
}
