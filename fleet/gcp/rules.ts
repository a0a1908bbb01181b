import type { CloudRules } from "../cloud";
import { limits, regions, routesFacts, zones } from "./limits";
import { managedRules } from "./managed";
import { gatewaySubnet, subnets } from "./network";

/** Google Cloud, as planning sees it. */
export const gcpRules: CloudRules = {
  title: "Google Cloud",
  regions,
  regionExample: "europe-west1",
  owner: limits.project,
  network: {
    title: "A VPC network",
    tables: "the VPC network",
    prefix: limits.subnetPrefix,
    // Two are of the first network.
    most: limits.subnetRangesPerNetwork - 1,
    // The gateways' subnet lies in its first half.
    longestFirst: () => limits.gatewaySubnetPrefix - 1,
    reserved: limits.prohibitedRanges.map((text) => ({
      text,
      why: 'Google\'s APIs: "Subnets", Prohibited IPv4 subnet ranges',
    })),
    privateGateways: `Google's Cloud Router speaks from addresses of ${limits.routerInterfaces} alone ("Router appliance overview")`,
  },
  size: limits.size,
  mtu: limits.mtu,
  tags: { most: limits.labels.most - 10, check: checkLabel },
  quotas: {
    addresses: {
      most: limits.addressesPerRegion,
      within: "region",
      called: "static external addresses",
      whose: "a fresh project",
      remedy: "Ask Google Cloud for a higher quota (Static IP addresses) before `up`.",
    },
    networks: {
      most: limits.networksPerProject,
      within: "account",
      called: "VPC networks",
      whose: "a fresh project",
      remedy: "Ask Google Cloud for a higher quota (Networks) before `up`.",
    },
  },
  lacks: {
    network: notYet("a network that is there already", "Leave `network` out: a new one is made."),
    ipv6: notYet("IPv6 in the region's network", "Leave `ipv6` out."),
    outside: notYet("IPv6 between gateways", "Write `outside: ipv4` for this region."),
    agent: notYet("`routes: agent`", "Write `routes: service` for this region: a Cloud Router by BGP."),
    moved: notYet("an address that moves", "Write `address: own` for this region, and `routes: service`."),
    "transit-gateway": {
      code: "KeyConflict",
      message: "A transit gateway is AWS's: Google Cloud has none.",
      remedy: "Write `routes: service` for this region: a Cloud Router by BGP.",
    },
  },
  managed: managedRules,
  takers: {
    service: {
      // Of each network both halves as well, while a gateway is gone.
      most: Math.floor(limits.dynamicRoutePrefixes / 3),
      full: "CloudRouterRoutesExceeded",
      covers: "CloudRouterCoversOthers",
      its: "Its Cloud Router",
      told: "be told of",
      isTold: "is told of",
    },
  },
  // Google Cloud, "Create router appliance instances": an instance's interface has a /32, whatever the subnet.
  session: { bfd: false, away: "link", seconds: limits.bgpSeconds, chosenBy: "med" },
  serviceText: (endpoints) => `a Cloud Router with ${String(endpoints)} interfaces`,
  routesFacts,
  subnets,
  gatewayPlace: (_, place) => ({ subnet: gatewaySubnet, zone: zones[place % zones.length] ?? zones[0] }),
  endpoints: () =>
    Array.from({ length: limits.interfacesPerRouter }, (_, index) => ({
      name: `interface-${String(index)}`,
      subnet: gatewaySubnet,
    })),
};

function notYet(what: string, remedy: string) {
  return {
    code: "NotYetSupported",
    message: `In a region of Google Cloud, ${what} is planned, but this version does not build it.`,
    remedy,
  } as const;
}

function checkLabel(key: string, value: string) {
  const { length, key: keys, value: values } = limits.labels;
  if (!keys.test(key) || key.length > length)
    return {
      message: `Google Cloud takes no label "${key.slice(0, 60)}".`,
      remedy: `Use 1 to ${String(length)} lower-case letters, digits, underscores and hyphens, beginning with a letter.`,
    };
  return !values.test(value) || value.length > length
    ? {
        message: `Google Cloud takes no label with the value "${value.slice(0, 60)}".`,
        remedy: `Use at most ${String(length)} lower-case letters, digits, underscores and hyphens.`,
      }
    : undefined;
}
