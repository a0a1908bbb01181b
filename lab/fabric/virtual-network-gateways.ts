import { networkOf } from "../world/check";
import type { World } from "../world/model";
import type { VirtualNetworkGateway } from "../world/virtual-network-gateway";
import { objectOf, objectsOf } from "../world/world";
import { besideNetwork } from "./beside-network";
import { link, linkDevice, tableNumber } from "./names";
import type { Piece } from "./piece";
import { followedPiece } from "./route-services";
import { routerPiece } from "./router-piece";
import { virtualNetworkGatewaySites, vpnGatewayHabits } from "./site-to-site/azure";
import type { Site } from "./site-to-site/end";
import { siteToSitePieces } from "./site-to-site/pieces";

/**
 * Azure's VPN gateway: a namespace for each instance beside its network, where tunnels end and BGP is spoken inside of them. What
 * an instance learns is its own routes; the network's routes lead to every instance that heard the shortest AS path. Whether
 * instances tell each other what they hear is not said, and they do not here.
 * @see Microsoft Learn, "Highly available cross-premises and VNet-to-VNet connectivity", Active-active VPN gateways
 */
export function virtualNetworkGatewayPieces(world: World): Piece[] {
  return objectsOf(world, "virtualNetworkGateway").flatMap((gateway) => {
    const sites = virtualNetworkGatewaySites(world, gateway);
    return sites.some(({ ends }) => ends.length > 0) ? gatewayPieces(world, gateway, sites) : [];
  });
}

function gatewayPieces(
  world: World,
  { id, subnet, asn }: VirtualNetworkGateway,
  sites: readonly Site[],
): Piece[] {
  const network = networkOf(world, subnet);
  const cidrs = objectOf(world, "network", network)?.cidrs ?? [];
  const tables = objectsOf(world, "routeTable").filter((table) => table.network === network);
  return [
    ...sites.flatMap((site) => [
      routerPiece(`vpn gateway ${site.namespace}`, site.namespace),
      ...besideNetwork(site.namespace, network, cidrs),
      ...siteToSitePieces(site),
    ]),
    followedPiece(id, {
      namespace: network,
      tables: tables.map((table) => String(tableNumber(table.id))),
      most: vpnGatewayHabits.routes,
      spread: true,
      ways: Object.fromEntries(
        sites.map(({ namespace }) => [
          namespace,
          `via ${link.inner.host} dev ${linkDevice(namespace)} onlink`,
        ]),
      ),
      endpoints: sites.map(({ namespace, ends }) => ({
        id: namespace,
        stands: true,
        address: ends[0]?.inside.own ?? "",
        asn,
        lines: [
          "maximum-paths 64",
          "no bgp network import-check",
          ...[...cidrs].sort().map((cidr) => `network ${cidr}`),
        ],
        peers: ends.map(({ name, inside, router, lines }) => ({
          address: inside.router,
          ipv6: null,
          asn: router.asn,
          device: linkDevice(name),
          lines,
        })),
      })),
    }),
  ];
}
