/**
 * What Google Cloud allows, each with the page it stands on. The planners of this folder refuse what does not fit before
 * the first resource.
 */
export const limits = {
  /**
   * Of every resource of Compute Engine. Compute Engine API reference, `name`: 1 to 63 characters, RFC 1035.
   */
  name: { length: 63, pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/ },
  /** Prefix length of a subnet's primary IPv4 range. Google Cloud, "Subnets", IPv4 subnet ranges. */
  subnetPrefix: { longest: 29 },
  /** Google Cloud, "Maximum transmission unit": the default, and the range that a network may have. */
  mtu: { standard: 1460, least: 1300, greatest: 8896 },
  /**
   * ASN of a Cloud Router. SDK, `compute.Router`, `bgp.asn`: "an RFC6996 private ASN, either 16-bit or 32-bit".
   */
  routerAsns: [
    { least: 64512, greatest: 65534 },
    { least: 4200000000, greatest: 4294967294 },
  ],
  /** SDK, `compute.RouterPeer`, `peerAsn`. */
  peerAsn: { least: 1, greatest: 4294967295 },
  /**
   * Of a Cloud Router's interfaces: where its BGP sessions with router appliances come from. Google Cloud, "Router appliance
   * overview", How it works: "RFC 1918 internal IP addresses".
   */
  interfaceBlocks: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
  /** A pair of redundant ones. Google Cloud, "Router appliance overview", Availability recommendations. */
  interfaces: 2,
  /** Google Cloud, "NCC quotas and limits": router appliance instances that can be linked to a spoke. */
  instancesPerSpoke: 8,
  /** Seconds: SDK, `compute.Router`, `bgp.keepaliveInterval`, by default; the hold time is three times that. */
  keepaliveSeconds: 20,
  /** Id of a service account. IAM API reference, `serviceAccounts.create`: 6 to 30 characters. */
  accountId: { longest: 30 },
  /**
   * HA VPN.
   * - `insidePrefix`: Google Cloud, "Create an HA VPN gateway to a peer VPN gateway": a /30 of 169.254.0.0/16 for each tunnel, the
   *   same as another's in no Cloud Router of the network. `insideReserved`: "About VM metadata", 169.254.169.254.
   * - `tunnels`: from each of the gateway's two interfaces one ("HA VPN topologies": tunnels from both for 99.99 %).
   * - `redundancy`: SDK, `compute.ExternalVpnGateway`, `redundancyType`, of one that has one address: interface 0.
   * - `presharedKey`: Google Cloud, "Generate a strong pre-shared key", asks for 32 characters and names no alphabet: that of
   *   base64 there, and what other clouds take besides.
   */
  haVpn: {
    tunnels: 2,
    insidePrefix: 30,
    insideReserved: ["169.254.169.252/30"],
    redundancy: "SINGLE_IP_INTERNALLY_REDUNDANT",
    presharedKey: /^[A-Za-z0-9+/=._]{32,128}$/,
  },
  /** Source ranges of one firewall rule. Google Cloud, "VPC quotas", Firewall rules: Source IP ranges per rule. */
  sourceRangesPerRule: 5000,
} as const;
