import type { RouteService, VpnGateway, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { besideNetwork } from "./beside-network";
import { link, linkDevice, tableNumber } from "./names";
import type { Piece } from "./piece";
import { cloudRouterHabits } from "./route-service-habits";
import { routerPiece } from "./router-piece";
import { followedPiece } from "./route-services";
import type { Site } from "./site-to-site/end";
import { haVpnSite, routerOf } from "./site-to-site/google";
import { siteToSitePieces, siteToSiteRouter } from "./site-to-site/pieces";

/**
 * An HA VPN gateway with its Cloud Router: a namespace beside its network, where tunnels end and BGP is spoken inside of them.
 * What the router learns is the gateway's own routes, over all tunnels that are equally good, and the network's routes to it.
 * @see Google Cloud, "Cloud Router overview"; "Learned routes", Best path selection
 */
export function vpnGatewayPieces(world: World): Piece[] {
  return objectsOf(world, "vpnGateway").flatMap((gateway) => {
    const [site, router] = [haVpnSite(world, gateway), routerOf(world, gateway)];
    return router === undefined || site.ends.length === 0 ? [] : gatewayPieces(world, gateway, site, router);
  });
}

function gatewayPieces(world: World, gateway: VpnGateway, site: Site, router: RouteService): Piece[] {
  const { id, network } = gateway;
  const cidrs = objectOf(world, "network", network)?.cidrs ?? [];
  const device = linkDevice(id);
  const tables = objectsOf(world, "routeTable").filter(({ propagatedFrom }) =>
    propagatedFrom.includes(router.id),
  );
  return [
    routerPiece(`vpn gateway ${id}`, id),
    ...besideNetwork(id, network, cidrs),
    ...siteToSitePieces(site),
    followedPiece(id, {
      namespace: id,
      tables: ["main"],
      most: cloudRouterHabits.routes.perNetwork,
      dropsLast: true,
      spread: true,
      comparesMed: true,
      beside: [
        {
          namespace: network,
          tables: tables.map((table) => String(tableNumber(table.id))),
          way: `via ${link.inner.host} dev ${device} onlink`,
        },
      ],
      ...siteToSiteRouter(site, {
        asn: router.asn,
        identifier: identifierOf(site),
        lines: [
          "maximum-paths 64",
          "no bgp network import-check",
          ...[...(router.advertised ?? cidrs)].sort().map((cidr) => `network ${cidr}`),
        ],
      }),
    }),
  ];
}

/** The last of its interfaces' addresses as text (Google Cloud, "Configure the BGP identifier range for a Cloud Router"). */
function identifierOf({ ends }: Site): string {
  return (
    ends
      .map(({ inside }) => inside.own)
      .sort()
      .at(-1) ?? ""
  );
}
