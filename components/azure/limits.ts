/**
 * What Azure allows, each with the page it stands on. The planners of this folder refuse what does not fit before the first
 * resource.
 */
export const limits = {
  /**
   * The tightest of what is made here, a virtual network's and a virtual machine's: 2 to 64 characters. Microsoft Learn,
   * "Naming rules and restrictions for Azure resources", Microsoft.Network, Microsoft.Compute.
   */
  name: { length: 64, pattern: /^[a-z0-9][-a-z0-9]*[a-z0-9]$/ },
  /** Prefix length of a subnet. Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)". */
  subnetPrefix: { longest: 29 },
  /** What an address space may not hold. The same page, What address ranges can I use in my virtual networks. */
  reservedBlocks: ["224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32"],
  /**
   * How many addresses at the beginning and at the end of a subnet are Azure's. The same page, Are there any restrictions on
   * using IP addresses within these subnets: the first four and the last.
   */
  keptAddresses: { first: 4, last: 1 },
  /** Microsoft Learn, "Quickstart: Create an Azure Route Server using Azure portal": its name, and /26 or larger. */
  routeServerSubnet: { name: "RouteServerSubnet", longest: 26 },
  /** Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)", Route Server Limits. */
  peersPerRouteServer: 8,
  /** The same page: two instances, each with an address of its own. */
  routeServerInstances: 2,
  /**
   * ASNs of a peer. The same page: 16-bit ones, and none of those that Azure or IANA keeps.
   */
  asns: {
    greatest: 65535,
    kept: [
      { least: 8074, greatest: 8075 },
      { least: 12076, greatest: 12076 },
      { least: 23456, greatest: 23456 },
      { least: 64496, greatest: 64511 },
      { least: 65515, greatest: 65515 },
      { least: 65517, greatest: 65520 },
      { least: 65535, greatest: 65535 },
    ],
  },
  /**
   * Prefix length of the largest network that one party has (IANA, "IPv4 Address Space Registry"): a wider route leads to the
   * internet, or takes the way to it.
   */
  widestOwner: 8,
  /** Zones of a region that has them. Microsoft Learn, "What are Azure availability zones?". */
  zones: ["1", "2", "3"],
  /**
   * Microsoft Learn, "Azure subscription and service limits", Networking limits: addresses specified for source in a
   * security group.
   */
  sourcesPerGroup: 4000,
  /** Microsoft Learn, "Azure network security groups overview", Security rules: a lower number is looked at first. */
  rulePriority: { first: 100, last: 4096 },
  /**
   * VPN Gateway.
   * - `subnet`: Microsoft Learn, "About VPN Gateway configuration settings", Gateway subnet: its name, and /27 or larger.
   * - `instances`: "Highly available cross-premises and VNet-to-VNet connectivity", Active-active VPN gateways: two, each with
   *   a public address and a tunnel to every gateway at the other end.
   * - `asn`: "VPN Gateway FAQ", Can I use 32-bit (4-byte) ASNs: yes. `asns.kept` above, and what IANA keeps beyond 16 bits.
   * - `inside`: "How to configure BGP on Azure VPN Gateways", Azure APIPA BGP IP address: where a gateway's own ones are from.
   * - `presharedKey`: "VPN Gateway FAQ", What are the restrictions of a preshared key: up to 128 printable characters of ASCII,
   *   none of them a space, a hyphen or a tilde.
   * - `dpdTimeoutSeconds`: "Configure custom IPsec/IKE connection policies for S2S VPN and VNet-to-VNet": DPD timeout.
   */
  vpnGateway: {
    subnet: { name: "GatewaySubnet", longest: 27 },
    instances: 2,
    asn: { least: 1, greatest: 4294967295 },
    keptBeyond: { least: 65536, greatest: 65551 },
    inside: { prefix: 30, blocks: ["169.254.21.0/24", "169.254.22.0/24"] },
    presharedKey: /^[!-,./0-9:-}]{1,128}$/,
    dpdTimeoutSeconds: { least: 9, greatest: 3600 },
  },
} as const;
