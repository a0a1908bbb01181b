import { formatAddress, parseCidr } from "../cidr";
import type { ManagedRules, ManagedTunnelPlace } from "../cloud";
import { insidesOf, tunnelsPerConnection } from "../inside-ipv4";
import { insideRules } from "./inside";
import { isTakenByVpnGateway, isVpnGatewaySku, limits, managedFacts } from "./limits";
import { transforms } from "./transforms";

const { skus, standard, subnet, withoutBgp, withoutZones, prefixes, addresses } = limits.vpnGateway;

/**
 * VPN Gateway, active-active: two instances, and from each a tunnel to every own gateway. Both tunnels to one gateway are one
 * connection, with one preshared key, and one address of that gateway's inside of both (its local network gateway's).
 * @see Microsoft Learn, "Highly available cross-premises and VNet-to-VNet connectivity", Active-active VPN gateways
 */
export const managedRules: ManagedRules = {
  called: "an active-active VPN gateway",
  transforms,
  tunnels: tunnelsPerConnection,
  addresses: "end",
  attachedIn: [subnet.name],
  size: {
    standard,
    pattern: /^[A-Za-z0-9]+$/,
    called: "SKU of a VPN gateway",
    unfit: unfitSku,
  },
  inside: insideRules,
  asns: {
    takes: isTakenByVpnGateway,
    remedy: "Choose one from 64512 to 65514, from 65521 to 65534, or one of 32 bits.",
  },
  publicAddresses: addresses,
  tunnel(place) {
    const { rekeyMarginSeconds, dpdTimeoutSeconds, bgpSeconds } = limits.vpnGateway;
    return {
      ...insidesFor(place),
      keyName: `${place.link} ${String(place.gatewayPlace)}`,
      ikeLifetimeSeconds: transforms.lifetimes.ike.standard,
      childLifetimeSeconds: transforms.lifetimes.esp.standard,
      rekeyMarginSeconds,
      dpdTimeoutSeconds,
      // Its own timers at both ends, as Azure asks for ("VPN Gateway FAQ", What are the BGP timer settings).
      bgpSeconds,
    };
  },
  taker: {
    // Of what it is told nobody makes fewer: each gateway tells each network by itself.
    most: prefixes,
    exact: true,
    full: "AzureVpnRoutesExceeded",
    its: "Its VPN gateway",
    told: "be told of",
    isTold: "is told of",
  },
  facts: managedFacts,
  most(size = standard) {
    const { tunnels } = skus[isVpnGatewaySku(size) ? size : standard];
    return {
      connections: tunnels,
      because: `its SKU ${size} carries ${String(tunnels)} S2S tunnels ("About VPN Gateway configuration settings")`,
      ...(tunnels < skus.VpnGw4AZ.tunnels
        ? { remedy: `Write \`size: VpnGw4AZ\`, which carries ${String(skus.VpnGw4AZ.tunnels)}` }
        : {}),
    };
  },
};

/**
 * The own gateway has one address for both tunnels of its connection, so that neither shares a network with Azure's end: host
 * routes lead there ("VPN Gateway FAQ", What should I add to my on-premises VPN device for the BGP peering session).
 */
function insidesFor({ fleet, link, managed, gatewayPlace, tunnel }: ManagedTunnelPlace) {
  const { insideCidr, insides } = insidesOf(fleet, link, gatewayPlace, 0);
  const own = parseCidr(managed.insideCidr ?? "");
  const base = typeof own === "object" ? own.address : 0;
  return {
    insideCidr,
    insides: {
      managed: `${formatAddress(base + 1 + tunnel)}/32`,
      own: insides.own.replace(/\/\d+$/, "/32"),
    },
  };
}

function unfitSku(size: string) {
  const remedy = `Write one of ${Object.keys(skus).join(", ")}.`;
  if (withoutBgp.some((one) => one === size))
    return {
      message: `The SKU ${size} of a VPN gateway has neither BGP nor two active instances.`,
      remedy,
    };
  if (withoutZones.some((one) => one === size))
    return { message: `The SKU ${size} of a VPN gateway lies in no zone, and is made no more.`, remedy };
  return isVpnGatewaySku(size)
    ? undefined
    : { message: `Azure has no SKU "${size}" of a VPN gateway.`, remedy };
}
