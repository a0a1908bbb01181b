import { tunnelsPerConnection } from "../inside-ipv4";
import type { RoutesFacts } from "../routes";

/** What Azure allows, each with the page it stands on; quotas are those of a fresh subscription. */
export const limits = {
  /**
   * Prefix lengths of a subnet. Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)", How small and how
   * large can virtual networks and subnets be: none smaller than /29. 8 is RFC 1918's largest block.
   */
  subnetPrefix: { shortest: 8, longest: 29 },
  /**
   * What no virtual network may hold, besides what nobody routes. The same page, What address ranges can I use: Azure's own
   * resolver, DHCP and health probes.
   */
  reservedRanges: ["168.63.129.16/32"],
  /**
   * Of every subnet, four at the beginning and one at the end. The same page, Are there any restrictions on using IP addresses
   * within these subnets.
   */
  keptAddresses: 5,
  /** Of the subnet that all gateways of a region live in: up to four, and those. */
  gatewaySubnetPrefix: 28,
  /**
   * Of the Route Server's own, which must have this name, no network security group and no route table. Microsoft Learn,
   * "Quickstart: Create an Azure Route Server using Azure portal": /26 or larger; "Azure Route Server frequently asked
   * questions (FAQ)".
   */
  routeServerSubnet: { name: "RouteServerSubnet", prefix: 26 },
  /**
   * Names of subnets that a service has for itself, and no machine of anybody's. Microsoft Learn, "About VPN Gateway
   * configuration settings", "Azure Firewall FAQ", "About Azure Bastion configuration settings".
   */
  serviceSubnets: [
    "GatewaySubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "AzureBastionSubnet",
    "RouteServerSubnet",
  ],
  /**
   * Parts of a resource's id, in which upper and lower case are the same: `/subscriptions/S/resourceGroups/G/providers/…`.
   * Microsoft Learn, "Naming rules and restrictions for Azure resources": Microsoft.Resources, Microsoft.Network.
   */
  idParts: {
    subscription: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    group: "[-\\w.()]{0,89}[-\\w()]",
    network: "[a-z0-9][\\w.-]{0,62}\\w",
    subnet: "[a-z0-9](?:[\\w.-]{0,78}\\w)?",
  },
  /** Microsoft Learn, "Azure subscription and service limits", Networking limits: subnets per virtual network. */
  subnetsPerNetwork: 3000,
  /**
   * A Route Server's two instances; gateways peer with both. Microsoft Learn, "Azure Route Server frequently asked
   * questions (FAQ)", Do I need to peer each NVA with both Azure Route Server instances.
   */
  routeServerInstances: 2,
  /**
   * Routes that one BGP peer may advertise, beyond which the session is dropped. The same page, Route Server Limits: 4,000.
   * What a peer says again counts beside what it had said ("this limit is calculated as the number of current routes ...
   * plus the number of routes coming in the BGP route update").
   */
  routesPerPeer: 4000,
  /**
   * The same page, What is the BGP timer setting of Azure Route Server: it has these alone, and no BFD.
   */
  bgpSeconds: { keepalive: 60, hold: 180 },
  /**
   * ASNs. The same page: a Route Server is 65515, takes 16-bit ones alone (Can I use 32-bit ASNs), and none of those that
   * Azure or IANA keeps (What Autonomous System Numbers can I use). Gateways have private ones (RFC 6996).
   */
  asns: {
    routeServer: 65515,
    greatest: 65534,
    private: { least: 64512, greatest: 65534 },
    azure: [8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520],
    iana: [
      { least: 23456, greatest: 23456 },
      { least: 64496, greatest: 64511 },
      { least: 65535, greatest: 65551 },
    ],
  },
  /**
   * VPN Gateway.
   * - `subnet`: Microsoft Learn, "About VPN Gateway configuration settings", Gateway subnet: its name, and /27 or larger; no
   *   network security group on it.
   * - `skus`, those that lie in zones: the same page, Gateway SKUs by tunnel, connection, and throughput. Each connection counts
   *   as one ("Highly available cross-premises and VNet-to-VNet connectivity"). "About gateway SKUs" has up to 100 tunnels for
   *   all by now: the lower number is what holds for sure.
   * - `standard`: the smallest of them.
   * - `withoutBgp`: "VPN Gateway FAQ", Is BGP supported on all Azure VPN Gateway SKUs. `withoutZones`: "VPN Gateway SKU
   *   consolidation and migration", to which no gateway is made any more.
   * - `apipa`: "How to configure BGP on Azure VPN Gateways", Azure APIPA BGP IP address: where its own ones are taken from.
   * - `prefixes`: "VPN Gateway FAQ", How many prefixes can I advertise; beyond them the session is dropped.
   * - `bgpSeconds`: the same page, What are the BGP timer settings: nobody can choose them. Does the Azure VPN Gateway support
   *   BFD: no.
   * - `dpdTimeoutSeconds`: the same page, What is the default DPD timeout value.
   * - `rekeyMarginSeconds`: no page says how long before an SA's life ends it begins to rekey: a tenth of a child SA's life,
   *   and twice that, is allowed for.
   */
  vpnGateway: {
    subnet: { name: "GatewaySubnet", prefix: 27 },
    skus: {
      VpnGw1AZ: { tunnels: 30 },
      VpnGw2AZ: { tunnels: 30 },
      VpnGw3AZ: { tunnels: 30 },
      VpnGw4AZ: { tunnels: 100 },
      VpnGw5AZ: { tunnels: 100 },
    },
    standard: "VpnGw1AZ",
    withoutBgp: ["Basic"],
    withoutZones: ["VpnGw1", "VpnGw2", "VpnGw3", "VpnGw4", "VpnGw5", "Standard", "HighPerformance"],
    apipa: { range: "169.254.21.0 to 169.254.22.255", networks: ["169.254.21.0/24", "169.254.22.0/24"] },
    prefixes: 4000,
    bgpSeconds: { keepalive: 60, hold: 180 },
    dpdTimeoutSeconds: 45,
    rekeyMarginSeconds: 2700,
    addresses: 2,
  },
  /** Microsoft Learn, "TCP/IP performance tuning for Azure VMs": 1500 within a virtual network and to the internet. */
  mtu: { within: 1500, outer: 1500 },
  /**
   * Two cores with AES-GCM of their own, accelerated networking, and up to 12.5 Gbit/s. Microsoft Learn, "Dv5 size series".
   * "Azure virtual machine size naming conventions": names.
   */
  /** "Get subscription and tenant IDs in the Azure portal". */
  subscription: {
    key: "subscription",
    pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    called: "the id of an Azure subscription",
    example: "11112222-3333-4444-5555-666677778888",
  },
  size: {
    standard: "Standard_D2s_v5",
    pattern: /^Standard_[A-Z]+[0-9]+[A-Za-z0-9_-]*$/,
    called: "size of an Azure virtual machine",
  },
  /**
   * Tags per resource, and what names and values are. Microsoft Learn, "Use tags to organize your Azure resources and
   * management hierarchy", Limitations.
   */
  tags: { most: 50, nameLength: 512, valueLength: 256, forbidden: /[<>%&\\?/]/ },
  /**
   * Microsoft Learn, "Azure subscription and service limits", Public IP address limits: Standard ones per region of a
   * subscription. A Route Server has one of its own ("Azure Route Server frequently asked questions (FAQ)", Why does Azure
   * Route Server require a public IP address).
   */
  addressesPerRegion: 10,
  addressesOfRouteServer: 1,
  /** The same page, Networking limits: virtual networks per region of a subscription. */
  networksPerRegion: 1000,
} as const;

/** Whether a gateway may have this ASN towards a Route Server. */
export function isTakenAsn(asn: number): boolean {
  return asn <= limits.asns.greatest && isTakenByVpnGateway(asn);
}

/**
 * Whether a VPN gateway may have this ASN, or one at the other end of its tunnels. It takes 32-bit ones as well.
 * @see Microsoft Learn, "VPN Gateway FAQ", What ASNs can I use; Can I use 32-bit (4-byte) ASNs
 */
export function isTakenByVpnGateway(asn: number): boolean {
  const { azure, iana } = limits.asns;
  return (
    asn >= 1 &&
    !azure.some((one) => one === asn) &&
    !iana.some((range) => asn >= range.least && asn <= range.greatest)
  );
}

/** The private ones among them, ascending. */
export const gatewayAsns: readonly number[] = Array.from(
  { length: limits.asns.private.greatest - limits.asns.private.least + 1 },
  (_, index) => limits.asns.private.least + index,
).filter(isTakenAsn);

/**
 * How many networks a Route Server is told of: of each both halves as well while a gateway is gone, and all of them may be
 * said again in one update.
 */
export const networksTaken = Math.floor(limits.routesPerPeer / 3 / 2);

/** Of `trunkline-gateway repair`: until it takes its partner for gone, and has told halves. */
const repairSeconds = { least: 1, most: 2 };

/** Hours of a month, as Azure's price list counts them. */
const monthHours = 730;

/**
 * What the Route Server of a region costs and how long its failover takes.
 * - Price: Azure, "Azure Route Server pricing": $0.45 an hour. Recalled, for that page shows its prices to a browser alone:
 *   confirm it there.
 * - Failover: a Route Server would keep the routes of a gateway that is gone for its hold time. The survivor tells both
 *   halves of each network besides, and the longest match wins (Microsoft Learn, "Azure virtual network traffic routing",
 *   How Azure selects a route). How soon Azure's network has a new route is not published.
 */
export function routesFacts(): RoutesFacts {
  return {
    dollarsPerMonth: 0.45 * monthHours,
    priceFrom: 'not confirmed; Azure, "Azure Route Server pricing", has it: $0.45 an hour was taken',
    failoverSeconds: repairSeconds,
    failoverFrom:
      "by its timers: the survivor tells both halves of each network, which win over the routes that a Route Server keeps for its hold time of 180 s; at once when the gateway is drained or has lost its tunnels. What Azure takes to put a route in effect comes on top and is not published",
  };
}

/** An hour, by SKU, and of each tunnel beyond those that are included: recalled, since the page shows prices to a browser alone. */
const vpnGatewayDollars = {
  hour: { VpnGw1AZ: 0.361, VpnGw2AZ: 0.564, VpnGw3AZ: 1.438, VpnGw4AZ: 2.415, VpnGw5AZ: 4.198 },
  tunnel: 0.015,
  included: 10,
} as const satisfies { readonly hour: Readonly<Record<VpnGatewaySku, number>> } & Record<string, unknown>;

export type VpnGatewaySku = keyof typeof limits.vpnGateway.skus;

export function isVpnGatewaySku(size: string): size is VpnGatewaySku {
  return Object.hasOwn(limits.vpnGateway.skus, size);
}

/**
 * What a managed gateway costs, and how long it sends to a tunnel whose other end is gone.
 * - Price: Azure, "VPN Gateway pricing": by its SKU, and by the tunnel beyond ten. Confirm it there.
 * - Failover: BGP's hold time, less the keepalive that may have come just before. That dead-peer detection takes the tunnel
 *   away, and its routes, after 45 s is likely, and no page says so.
 */
export function managedFacts(connections: number, size: string = limits.vpnGateway.standard): RoutesFacts {
  const { keepalive, hold } = limits.vpnGateway.bgpSeconds;
  const { hour, tunnel, included } = vpnGatewayDollars;
  const tunnels = Math.max(0, connections * tunnelsPerConnection - included);
  const sku = isVpnGatewaySku(size) ? size : limits.vpnGateway.standard;
  return {
    dollarsPerMonth: (hour[sku] + tunnels * tunnel) * monthHours,
    priceFrom: `not confirmed; Azure, "VPN Gateway pricing", has it: $${String(hour[sku])} an hour for ${sku} and $${String(tunnel)} for each tunnel beyond ${String(included)} were taken; what is sent costs besides`,
    failoverSeconds: { least: hold - keepalive, most: hold },
    failoverFrom:
      "by BGP's hold time, for the flows that went by that tunnel: Azure's timers are fixed, and it speaks no BFD",
  };
}

/** Two of the three that a region with availability zones has: logical ones, which each subscription sees in its own order. */
export const zones = ["1", "2"] as const;

/**
 * Those with availability zones, since a pair lies in two, by the names that resources have.
 * @see Microsoft Learn, "List of Azure regions"
 */
export const regions: ReadonlySet<string> = new Set([
  "australiaeast",
  "austriaeast",
  "belgiumcentral",
  "brazilsouth",
  "canadacentral",
  "centralindia",
  "centralus",
  "chilecentral",
  "eastasia",
  "eastus",
  "eastus2",
  "francecentral",
  "germanywestcentral",
  "indonesiacentral",
  "israelcentral",
  "italynorth",
  "japaneast",
  "japanwest",
  "koreacentral",
  "malaysiawest",
  "mexicocentral",
  "newzealandnorth",
  "northeurope",
  "norwayeast",
  "polandcentral",
  "qatarcentral",
  "southafricanorth",
  "southcentralus",
  "southeastasia",
  "spaincentral",
  "swedencentral",
  "switzerlandnorth",
  "uaenorth",
  "uksouth",
  "westeurope",
  "westus2",
  "westus3",
]);
