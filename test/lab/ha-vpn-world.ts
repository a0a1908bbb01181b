import type { GatewayTunnel, VpnGateway, World, WorldObject } from "../../lab/world/model";
import { emptyWorld, putObject } from "../../lab/world/world";

export const network = "vpc.acme-euw1-network";
export const table = `routes.${network}`;
export const gateway: VpnGateway = {
  kind: "vpnGateway",
  id: "vpn-0123456789ab",
  name: "vpn",
  cloudRegion: "europe-west1",
  network,
  addresses: ["198.18.0.1", "198.18.0.2"],
};
export const tunnel = (peer: string, number: number): GatewayTunnel => ({
  kind: "gatewayTunnel",
  id: `tunnel.europe-west1.${peer}-${String(number)}`,
  name: "tunnel",
  vpnGateway: gateway.id,
  interface: number,
  peer: `peer-vpn.${peer}`,
  peerInterface: 0,
  routeService: "router.europe-west1.router",
  presharedKey: `secret.of.${peer}.${String(number)}`,
  ike: { encryption: ["AES-GCM-16-256"], prf: ["PRF-HMAC-SHA2-384"], groups: ["Group-20"] },
  esp: { encryption: ["AES-GCM-16-256"], groups: ["Group-20"] },
});
/** Two gateways elsewhere, a tunnel from each interface to each. */
export const peers = ["a", "b"].flatMap((peer, place): WorldObject[] => [
  {
    kind: "peerVpnGateway",
    id: `peer-vpn.${peer}`,
    name: peer,
    addresses: [`198.18.1.${String(place + 1)}`],
  },
  ...[0, 1].flatMap((number): WorldObject[] => {
    const at = 8 * place + 4 * number;
    return [
      tunnel(peer, number),
      {
        kind: "tunnelEndpoint",
        id: `interface-${peer}${String(number)}`,
        name: "interface",
        routeService: "router.europe-west1.router",
        tunnel: tunnel(peer, number).id,
        inside: `169.254.6.${String(at + 1)}/30`,
      },
      {
        kind: "tunnelPeer",
        id: `session-${peer}${String(number)}`,
        name: "session",
        endpoint: `interface-${peer}${String(number)}`,
        address: `169.254.6.${String(at + 2)}`,
        asn: 4200000001,
      },
    ];
  }),
]);
export const base: WorldObject[] = [
  { kind: "network", id: network, name: "net", cloud: "gcp", cloudRegion: "", cidrs: ["10.20.128.0/17"] },
  {
    kind: "routeService",
    id: "router.europe-west1.router",
    name: "router",
    network,
    asn: 4200002000,
    keepaliveSeconds: 20,
    advertised: ["10.20.0.0/16"],
  },
  {
    kind: "routeTable",
    id: table,
    name: "routes",
    network,
    routes: [],
    propagatedFrom: ["router.europe-west1.router"],
  },
  gateway,
];
export const worldOf = (objects: readonly WorldObject[]): World => objects.reduce(putObject, emptyWorld());
