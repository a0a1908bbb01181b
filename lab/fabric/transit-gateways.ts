import { insideAddresses } from "../world/address";
import { gatewayOf } from "../world/check-transit";
import type { TransitAttachment, TransitConnectPeer, TransitGateway, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { link, linkDevice, uplinkDevice } from "./names";
import type { Piece } from "./piece";
import { routerPiece } from "./router-piece";
import { followedPiece } from "./route-services";
import { transitGatewaySite } from "./site-to-site/aws";
import { siteToSitePieces, siteToSiteRouter } from "./site-to-site/pieces";
import { connectPeerLines, transitGatewayHabits } from "./transit-gateway-habits";

/**
 * A transit gateway: a namespace that routes between the networks that are attached to it and the routers that speak BGP
 * with it inside GRE. Its two speakers have namespaces of their own behind it: the one hop more that a Connect peer must
 * allow for. Of what routers tell with one AS path, it sends each flow to one of them.
 * @see AWS, "Connect attachments and Connect peers in AWS Transit Gateway"
 */
export function transitGatewayPieces(world: World): Piece[] {
  return [
    ...objectsOf(world, "transitGateway").flatMap((gateway) => gatewayPieces(world, gateway)),
    ...objectsOf(world, "transitAttachment").flatMap((attachment) => [
      ...attachmentPieces(world, attachment),
      ...elsewherePieces(world, attachment),
    ]),
    ...objectsOf(world, "transitConnectPeer").flatMap((peer) => peerPieces(gatewayOf(world, peer), peer)),
  ];
}

/** Id of the attachment by which a network reaches a transit gateway. */
export function attachmentOf(world: World, gateway: string, network: string): string | undefined {
  return objectsOf(world, "transitAttachment").find(
    (attachment) => attachment.transitGateway === gateway && attachment.network === network,
  )?.id;
}

const speakers = [1, 2] as const;

/** FRR takes no dot in the name of a path space. */
function speakerName(gateway: string, speaker: number): string {
  return `${gateway}-${String(speaker)}`;
}

function gatewayPieces(world: World, gateway: TransitGateway): Piece[] {
  const { id, asn } = gateway;
  const peers = objectsOf(world, "transitConnectPeer").filter((peer) => gatewayOf(world, peer).id === id);
  const networks = objectsOf(world, "transitAttachment")
    .filter(({ transitGateway }) => transitGateway === id)
    .flatMap(({ network }) => objectOf(world, "network", network)?.cidrs ?? []);
  const lines = [
    "maximum-paths 64",
    "no bgp network import-check",
    ...[...networks].sort().map((network) => `network ${network}`),
  ];
  const site = transitGatewaySite(world, gateway);
  const vpn = siteToSiteRouter(site, { asn, identifier: "0.0.0.9", lines });
  // Connect peers are what they speak with.
  const speaking = objectsOf(world, "transitConnect").some(
    ({ transport }) => objectOf(world, "transitAttachment", transport)?.transitGateway === id,
  )
    ? speakers
    : [];
  return [
    routerPiece(`transit ${id}`, id),
    ...[...new Set(peers.map(({ address }) => address))].map((address): Piece => ({
      key: `transit address ${id} ${address}`,
      stage: "network",
      up: [{ ip: `addr add ${address}/32 dev lo`, in: id }],
      down: [{ ip: `addr del ${address}/32 dev lo`, in: id }],
    })),
    ...siteToSitePieces(site),
    ...speaking.map((speaker) => speakerPiece(id, speakerName(id, speaker))),
    followedPiece(id, {
      namespace: id,
      tables: ["main"],
      most: transitGatewayHabits.routes.perTable,
      spread: true,
      ways: {
        ...Object.fromEntries(
          peers.map((peer) => [insideAddresses(peer.inside)[0], `dev ${linkDevice(peer.id)}`]),
        ),
        ...vpn.ways,
      },
      endpoints: [
        ...vpn.endpoints,
        ...speaking.map((speaker) => ({
          id: speakerName(id, speaker),
          address: `0.0.0.${String(speaker)}`,
          asn,
          lines,
          peers: peers.map(({ inside, peerAsn }) => {
            const addresses = insideAddresses(inside);
            const peer = { address: addresses[0], asn: peerAsn };
            return { ...peer, ipv6: null, lines: connectPeerLines(addresses[speaker], peer) };
          }),
        })),
      ],
    }),
  ];
}

function speakerPiece(gateway: string, id: string): Piece {
  const device = linkDevice(id);
  return {
    key: `speaker ${id}`,
    stage: "cable",
    up: [
      { ip: `netns add ${id}` },
      { ip: `link add wan netns ${id} type veth peer name ${device} netns ${gateway}` },
      { ip: "link set lo up", in: id },
      { ip: "link set wan up", in: id },
      { ip: `addr add ${link.outer.network}/32 dev ${device}`, in: gateway },
      { ip: `link set ${device} up`, in: gateway },
    ],
    down: [{ ip: `link del ${device}`, in: gateway }, { ip: `netns del ${id}` }],
  };
}

function attachmentPieces(world: World, { id, transitGateway, network }: TransitAttachment): Piece[] {
  const device = linkDevice(id);
  const inner = uplinkDevice(id);
  return [
    {
      key: `attachment ${id}`,
      stage: "cable",
      up: [
        { ip: `link add ${inner} netns ${transitGateway} type veth peer name ${device} netns ${network}` },
        { ip: `addr add ${link.inner.host}/32 dev ${inner}`, in: transitGateway },
        { ip: `link set ${inner} up`, in: transitGateway },
        { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
        { ip: `link set ${device} up`, in: network },
      ],
      down: [{ ip: `link del ${device}`, in: network }],
    },
    ...(objectOf(world, "network", network)?.cidrs ?? []).map((cidr): Piece => ({
      key: `attached ${id} ${cidr}`,
      stage: "route",
      up: [
        {
          ip: `route replace ${cidr} via ${link.inner.network} dev ${inner} onlink`,
          in: transitGateway,
        },
      ],
      // A link that is gone has taken its routes along.
      down: [{ sh: `ip -n ${transitGateway} route del ${cidr} dev ${inner} 2> /dev/null || true` }],
    })),
  ];
}

/** What lives in a zone without a foot of the transit gateway's does not reach it, whatever its table says. */
function elsewherePieces(world: World, { transitGateway, network, subnets }: TransitAttachment): Piece[] {
  const zones = new Set(subnets.map((id) => objectOf(world, "subnet", id)?.zone));
  const hosts = [...objectsOf(world, "machine"), ...objectsOf(world, "workload")];
  return hosts.flatMap((host) => {
    const nic = objectOf(world, "interface", host.interface);
    const subnet = nic === undefined ? undefined : objectOf(world, "subnet", nic.subnet);
    if (nic === undefined || subnet?.network !== network || zones.has(subnet.zone)) return [];
    const table =
      subnet.routeTable === undefined ? undefined : objectOf(world, "routeTable", subnet.routeTable);
    return (table?.routes ?? [])
      .filter(({ target }) => "transitGateway" in target && target.transitGateway === transitGateway)
      .map(({ cidr }): Piece => {
        const rule = `pref 150 iif ${linkDevice(nic.id)} to ${cidr} unreachable`;
        return {
          key: `elsewhere ${nic.id} ${cidr}`,
          stage: "route",
          up: [{ ip: `rule add ${rule}`, in: network }],
          down: [{ ip: `rule del ${rule}`, in: network }],
        };
      });
  });
}

function peerPieces(
  { id: gateway }: TransitGateway,
  { id, address, peerAddress, inside }: TransitConnectPeer,
): Piece[] {
  const device = linkDevice(id);
  const [router, ...own] = insideAddresses(inside);
  return [
    {
      key: `connect ${id}`,
      stage: "cable",
      up: [
        // Networks around it carry what GRE makes larger; those of the lab carry it in fragments.
        {
          ip: `link add ${device} type gre local ${address} remote ${peerAddress} ttl 64 nopmtudisc ignore-df`,
          in: gateway,
        },
        { ip: `link set ${device} mtu ${String(transitGatewayHabits.mtu)} up`, in: gateway },
        { ip: `route add ${router}/32 dev ${device}`, in: gateway },
      ],
      down: [{ ip: `link del ${device}`, in: gateway }],
    },
    ...speakers.map((speaker): Piece => {
      const name = speakerName(gateway, speaker);
      const mine = own[speaker - 1] ?? "";
      return {
        key: `speaks ${id} ${String(speaker)}`,
        stage: "route",
        up: [
          { ip: `addr add ${mine}/32 dev wan`, in: name },
          { ip: `route add ${mine}/32 dev ${linkDevice(name)}`, in: gateway },
        ],
        down: [
          { ip: `route del ${mine}/32 dev ${linkDevice(name)}`, in: gateway },
          { ip: `addr del ${mine}/32 dev wan`, in: name },
        ],
      };
    }),
  ];
}
