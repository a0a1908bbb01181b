import type { GatewayTunnel, RouteService, VpnGateway, World } from "../../world/model";
import { objectOf, objectsOf } from "../../world/world";
import { cloudRouterHabits } from "../route-service-habits";
import { type EndHabits, routerLines, type SaHabits, type Site, type TunnelEnd } from "./end";

/**
 * What HA VPN's end of a tunnel does; what its Cloud Router does is in `route-service-habits.ts`.
 * @see Google Cloud, "Supported IKE ciphers"
 * @see Google Cloud, "MTU considerations"
 */
export const haVpnHabits = {
  /** "Supported IKE ciphers", Phase 1 and Phase 2: nobody can choose them. How long before it begins to rekey is not said. */
  lifeSeconds: { ike: 36_000, esp: 10_800 },
  rekeyTenth: 10,
  /** Not said, as AWS' by default. */
  replayWindow: 1024,
  end: {
    /** A gateway's MTU of 1460, less an outer header, UDP, ESP and an AEAD of 16 bytes: 1398. It says so to who sends more. */
    mtu: 1398,
    /** Not said. */
    dpdDelaySeconds: 10,
    retransmit: { seconds: 5, tries: 3 },
    /** "Supported IKE ciphers", Proposal order: initiator or responder, by where traffic comes from when an SA is needed. */
    calls: "for traffic",
  } satisfies EndHabits,
} as const;

/** Google's words in those of strongSwan, in the tables' order: that in which it proposes and chooses. */
const encryption = [
  ["AES-GCM-16-128", "aes128gcm16"],
  ["AES-GCM-16-192", "aes192gcm16"],
  ["AES-GCM-16-256", "aes256gcm16"],
] as const;
const prfs = [
  ["PRF-HMAC-SHA2-256", "prfsha256"],
  ["PRF-HMAC-SHA2-384", "prfsha384"],
  ["PRF-HMAC-SHA2-512", "prfsha512"],
] as const;
/** IANA, "Transform Type 4 - Key Exchange Method Transform IDs". */
const groups = [
  ["Group-14", "modp2048"],
  ["Group-15", "modp3072"],
  ["Group-16", "modp4096"],
  ["Group-18", "modp8192"],
  ["Group-19", "ecp256"],
  ["Group-20", "ecp384"],
  ["Group-21", "ecp521"],
  ["Group-31", "curve25519"],
] as const;

function words(table: readonly (readonly [string, string])[], told: readonly string[]): string[] {
  return table.filter(([word]) => told.includes(word)).map(([, ours]) => ours);
}

/** Every combination of what a tunnel was told, as strongSwan has proposals. */
export function proposalsOf({ ike, esp }: Pick<GatewayTunnel, "ike" | "esp">) {
  return {
    ike: words(encryption, ike.encryption).flatMap((cipher) =>
      words(prfs, ike.prf).flatMap((prf) =>
        words(groups, ike.groups).map((group) => `${cipher}-${prf}-${group}`),
      ),
    ),
    esp: words(encryption, esp.encryption).flatMap((cipher) =>
      words(groups, esp.groups).map((group) => `${cipher}-${group}`),
    ),
  };
}

/** An HA VPN gateway's ends: of tunnels that have a session, in order of their ids. */
export function haVpnSite(world: World, { id, addresses }: VpnGateway): Site {
  const ends = objectsOf(world, "gatewayTunnel")
    .filter(({ vpnGateway }) => vpnGateway === id)
    .flatMap((tunnel) => endOf(world, tunnel, addresses[tunnel.interface]));
  return { namespace: id, ends, habits: haVpnHabits.end };
}

/** The Cloud Router that speaks inside of its tunnels. */
export function routerOf(world: World, { id }: VpnGateway): RouteService | undefined {
  const tunnel = objectsOf(world, "gatewayTunnel").find(({ vpnGateway }) => vpnGateway === id);
  return tunnel === undefined ? undefined : objectOf(world, "routeService", tunnel.routeService);
}

function endOf(world: World, tunnel: GatewayTunnel, address: string | undefined): TunnelEnd[] {
  const peer = objectOf(world, "peerVpnGateway", tunnel.peer)?.addresses[tunnel.peerInterface];
  const endpoint = objectsOf(world, "tunnelEndpoint").find((one) => one.tunnel === tunnel.id);
  const session = objectsOf(world, "tunnelPeer").find((one) => one.endpoint === endpoint?.id);
  const router = objectOf(world, "routeService", tunnel.routeService);
  if (address === undefined || peer === undefined || router === undefined) return [];
  if (endpoint === undefined || session === undefined) return [];
  const [own = ""] = endpoint.inside.split("/");
  const proposals = proposalsOf(tunnel);
  const { routes, idleMinutesBeyond, holdFactor, keepaliveSeconds } = cloudRouterHabits;
  const keepalive = router.keepaliveSeconds ?? keepaliveSeconds;
  return [
    {
      name: tunnel.id.replaceAll(".", "-"),
      address,
      router: { address: peer, asn: session.asn },
      inside: { own, router: session.address, prefix: 30 },
      presharedKey: tunnel.presharedKey,
      ike: saOf(proposals.ike, haVpnHabits.lifeSeconds.ike),
      esp: saOf(proposals.esp, haVpnHabits.lifeSeconds.esp),
      replayWindow: haVpnHabits.replayWindow,
      lines: routerLines(
        own,
        { address: session.address, asn: session.asn },
        { keepaliveSeconds: keepalive, holdSeconds: keepalive * holdFactor },
        { most: routes.perPeer, idleMinutesBeyond },
      ),
    },
  ];
}

function saOf(proposals: readonly string[], lifeSeconds: number): SaHabits {
  const tenth = Math.floor(lifeSeconds / haVpnHabits.rekeyTenth);
  return { proposals, rekeySeconds: lifeSeconds - tenth, randomSeconds: tenth, lifeSeconds };
}
