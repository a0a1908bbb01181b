import { tunnelsPerConnection } from "../inside-ipv4";
import type { RoutesFacts } from "../routes";

/** What Google Cloud allows, each with the page it stands on; quotas are those of a fresh project. */
export const limits = {
  /**
   * Prefix lengths of a subnet's primary IPv4 range. Google Cloud, "Subnets", IPv4 subnet ranges: none longer than /29. A
   * VPC network has no range of its own: 8 is RFC 1918's largest block.
   */
  subnetPrefix: { shortest: 8, longest: 29 },
  /**
   * What no subnet may be, besides what nobody routes. Google Cloud, "Subnets", Prohibited IPv4 subnet ranges: addresses of
   * Google's own APIs.
   */
  prohibitedRanges: ["199.36.153.4/30", "199.36.153.8/30"],
  /**
   * Of the subnet that all gateways of a region live in: up to four gateways, two interfaces of the Cloud Router, and the
   * four addresses that every subnet keeps for itself (Google Cloud, "Subnets", Unusable addresses in IPv4 subnet ranges).
   */
  gatewaySubnetPrefix: 28,
  /** Google Cloud, "VPC quotas": subnet ranges, primary and secondary, per VPC network. */
  subnetRangesPerNetwork: 300,
  /**
   * Addresses that a Cloud Router speaks from: "interfaces configured with RFC 1918 internal IP addresses" (Google Cloud,
   * "Router appliance overview", How it works).
   */
  routerInterfaces: "RFC 1918",
  /** Each gateway peers with a pair of redundant interfaces. Google Cloud, "Router appliance overview", Availability. */
  interfacesPerRouter: 2,
  /**
   * Unique prefixes that one region's Cloud Routers have in a network. Google Cloud, "Cloud Router quotas and limits",
   * Learned route example: 250, the rest is dropped; adjustable.
   */
  dynamicRoutePrefixes: 250,
  /**
   * Cloud Router's own timers by default: the keepalive, and three times that without a word. SDK, `compute.Router`,
   * `bgp.keepaliveInterval`: 20 to 60. It has no BFD with router appliances (SDK, `compute.RouterPeer`, `bfd`; Google
   * Cloud, "Configuring BFD": for Cloud Interconnect).
   */
  bgpSeconds: { keepalive: 20, hold: 60 },
  /**
   * HA VPN.
   * - `rekeyMarginSeconds`: Google says when an SA's life ends ("Supported IKE ciphers") and not how long before it begins to
   *   rekey: a tenth of a child SA's life, and twice that, is allowed for.
   * - `peersPerRouter`: Google Cloud, "Cloud Router quotas and limits": BGP peers for each Cloud Router, one for each tunnel.
   * How many tunnels, VPN gateways and external VPN gateways a fresh project has is published nowhere ("Cloud VPN", Quotas and
   * limits, leads to the console).
   */
  haVpn: { rekeyMarginSeconds: 1080, peersPerRouter: 128 },
  /** Google Cloud, "Maximum transmission unit": 1460 unless a network says otherwise, within and to the internet. */
  mtu: { within: 1460, outer: 1460 },
  /**
   * Two cores with AES-GCM of their own, and network bandwidth to spare for a tunnel. Google Cloud, "General-purpose
   * machine family for Compute Engine", N2: up to 10 Gbit/s. "Machine families resource and comparison guide": names.
   */
  /** `gcloud projects create`, PROJECT_ID; those of old with a domain before it ("Creating and managing projects"). */
  project: {
    key: "project",
    pattern: /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    called: "the id of a Google Cloud project: 6 to 30 of a-z, 0-9 and -, from a letter on",
    example: "acme-backbone",
  },
  size: {
    standard: "n2-standard-2",
    pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/,
    called: "machine type of Compute Engine",
  },
  /**
   * Labels per resource, and what keys and values are made of. Google Cloud, "Organize resources using labels",
   * Requirements for labels.
   */
  labels: {
    most: 64,
    length: 63,
    key: /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$/u,
    value: /^[\p{Ll}\p{Lo}\p{N}_-]*$/u,
  },
  /** Google Cloud, "View and manage quotas", `gcloud compute regions describe`: STATIC_ADDRESSES of its example. */
  addressesPerRegion: 8,
  /** The same page, `gcloud compute project-info describe`: NETWORKS of its example. */
  networksPerProject: 5,
} as const;

/** Of `trunkline-gateway repair`: until it takes its partner for gone, and has told halves. */
const repairSeconds = { least: 1, most: 2 };

/** Hours of a month, as Google's price list counts them. */
const monthHours = 730;

/**
 * What the Cloud Router of a region costs and how long its failover takes.
 * - Price: Google Cloud, "Network Connectivity Center pricing": $0.075 a router appliance spoke and hour, hubs at no
 *   charge; "Cloud Router pricing": free of charge.
 * - Failover: a Cloud Router would keep the routes of a gateway that is gone for its hold time. The survivor tells both
 *   halves of each network besides, and the longest match wins (Google Cloud, "Routes", Applicability and order). How soon
 *   Google's network has a new route is not published.
 */
export function routesFacts(): RoutesFacts {
  return {
    dollarsPerMonth: 0.075 * monthHours,
    priceFrom:
      'published: Google Cloud, "Network Connectivity Center pricing", $0.075 a router appliance spoke and hour; a Cloud Router costs nothing',
    failoverSeconds: repairSeconds,
    failoverFrom:
      "by its timers: the survivor tells both halves of each network, which win over the routes that a Cloud Router keeps for its hold time of 60 s; at once when the gateway is drained or has lost its tunnels. What Google takes to put a route in effect comes on top and is not published",
  };
}

/**
 * What a managed gateway costs, and how long it sends to a tunnel whose other end is gone.
 * - Price: Google Cloud, "Cloud VPN pricing": $0.05 a tunnel and hour in us-central1; a Cloud Router costs nothing.
 * - Failover: BGP's hold time, less the keepalive that may have come just before.
 */
export function managedFacts(connections: number): RoutesFacts {
  const { keepalive, hold } = limits.bgpSeconds;
  return {
    dollarsPerMonth: connections * tunnelsPerConnection * 0.05 * monthHours,
    priceFrom:
      'published: Google Cloud, "Cloud VPN pricing", $0.05 a tunnel and hour in us-central1; each GB that is sent costs besides',
    failoverSeconds: { least: hold - keepalive, most: hold },
    failoverFrom:
      "by BGP's hold time, for the flows that went by that tunnel: a Cloud Router speaks no BFD inside of one",
  };
}

/**
 * Suffixes of two zones that every region has: some have no `a`.
 * @see Google Cloud, "Regions and zones", Available regions and zones
 */
export const zones = ["b", "c"] as const;

/** @see Google Cloud, "Regions and zones", Available regions and zones */
export const regions: ReadonlySet<string> = new Set([
  "africa-south1",
  "asia-east1",
  "asia-east2",
  "asia-northeast1",
  "asia-northeast2",
  "asia-northeast3",
  "asia-south1",
  "asia-south2",
  "asia-southeast1",
  "asia-southeast2",
  "australia-southeast1",
  "australia-southeast2",
  "europe-central2",
  "europe-north1",
  "europe-north2",
  "europe-southwest1",
  "europe-west1",
  "europe-west10",
  "europe-west12",
  "europe-west2",
  "europe-west3",
  "europe-west4",
  "europe-west6",
  "europe-west8",
  "europe-west9",
  "me-central1",
  "me-central2",
  "me-west1",
  "northamerica-northeast1",
  "northamerica-northeast2",
  "northamerica-south1",
  "southamerica-east1",
  "southamerica-west1",
  "us-central1",
  "us-east1",
  "us-east4",
  "us-east5",
  "us-south1",
  "us-west1",
  "us-west2",
  "us-west3",
  "us-west4",
]);
