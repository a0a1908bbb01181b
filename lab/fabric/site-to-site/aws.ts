import { insideAddresses } from "../../world/address";
import type { TransitGateway, VpnConnection, VpnPhase, VpnTunnel, World } from "../../world/model";
import { objectOf, objectsOf } from "../../world/world";
import { type EndHabits, routerLines, type Site, type TunnelEnd } from "./end";

/**
 * What AWS' end of a tunnel does.
 * @see AWS, "Tunnel options for your AWS Site-to-Site VPN connection"
 * @see AWS, "Requirements for an AWS Site-to-Site VPN customer gateway device"
 * @see AWS, "Best practices for an AWS Site-to-Site VPN customer gateway device"
 */
export const siteToSiteHabits = {
  /** "BGP … hold time 30": sent every third of it; it speaks no BFD. */
  bgp: { keepaliveSeconds: 10, holdSeconds: 30 },
  /** AWS, "AWS Site-to-Site VPN quotas": routes that a connection of a transit gateway takes; beyond, the session goes down. */
  routes: 1000,
  /** Not said: how soon a session that went down is tried again. */
  idleMinutesBeyond: 1,
  end: {
    /** Best practices, "Adjust MTU and MSS sizes": at most, behind NAT and with an AEAD of 16 bytes. It tells nobody of it. */
    mtu: 1438,
    /** 30 s without an answer: 10 s until a peer is asked, then four times 5 s ("Tunnel options": DPD timeout of 30 s at least). */
    dpdDelaySeconds: 10,
    retransmit: { seconds: 5, tries: 3 },
    /** `StartupAction: add`, the only one that has a stand-in. */
    calls: "never",
  } satisfies EndHabits,
} as const;

/** AWS' words in those of strongSwan, weakest first: "starting with the lowest configured value" (Tunnel options, note). */
const encryption = [
  ["AES128", "aes128"],
  ["AES256", "aes256"],
  ["AES128-GCM-16", "aes128gcm16"],
  ["AES256-GCM-16", "aes256gcm16"],
] as const;
const hashes = [
  ["SHA1", "sha1"],
  ["SHA2-256", "sha256"],
  ["SHA2-384", "sha384"],
  ["SHA2-512", "sha512"],
] as const;
/** IANA, "Transform Type 4 - Key Exchange Method Transform IDs". */
const groups = [
  [2, "modp1024"],
  [5, "modp1536"],
  [14, "modp2048"],
  [15, "modp3072"],
  [16, "modp4096"],
  [17, "modp6144"],
  [18, "modp8192"],
  [19, "ecp256"],
  [20, "ecp384"],
  [21, "ecp521"],
  [22, "modp1024s160"],
  [23, "modp2048s224"],
  [24, "modp2048s256"],
] as const;

function words<W extends string | number>(
  table: readonly (readonly [W, string])[],
  told: readonly (string | number)[],
): string[] {
  return table.filter(([word]) => told.includes(word)).map(([, ours]) => ours);
}

/** Every combination of what an end was told, as strongSwan has proposals. With AEAD the hash is the PRF's alone. */
export function proposalsOf(
  protocol: "ike" | "esp",
  { encryption: ciphers, integrity, groups: told }: VpnPhase,
) {
  const all = words(encryption, ciphers).flatMap((cipher) =>
    words(hashes, integrity).flatMap((hash) =>
      words(groups, told).map((group) => {
        const aead = cipher.includes("gcm");
        const parts = {
          ike: aead ? [cipher, `prf${hash}`, group] : [cipher, hash, `prf${hash}`, group],
          esp: aead ? [cipher, group] : [cipher, hash, group],
        };
        return parts[protocol].join("-");
      }),
    ),
  );
  return [...new Set(all)];
}

/** When its end begins to rekey: the margin before the life is over, and up to so many per cent of the margin sooner. */
export function rekeyingOf(
  { rekeyMarginSeconds, rekeyFuzzPercentage }: VpnTunnel,
  { lifetimeSeconds }: VpnPhase,
) {
  return {
    rekeySeconds: lifetimeSeconds - rekeyMarginSeconds,
    randomSeconds: Math.floor((rekeyMarginSeconds * rekeyFuzzPercentage) / 100),
    lifeSeconds: lifetimeSeconds,
  };
}

/** A transit gateway's ends, in order of its connections. */
export function transitGatewaySite(world: World, { id }: TransitGateway): Site {
  const ends = connectionsOf(world, id).flatMap((connection) => {
    const router = objectOf(world, "customerGateway", connection.customerGateway);
    return router === undefined
      ? []
      : connection.tunnels.map((tunnel, index) =>
          endOf(`${connection.id}-${String(index + 1)}`, tunnel, router),
        );
  });
  return { namespace: id, ends, habits: siteToSiteHabits.end };
}

function connectionsOf(world: World, gateway: string): VpnConnection[] {
  return objectsOf(world, "vpnConnection").filter(({ transitGateway }) => transitGateway === gateway);
}

function endOf(
  name: string,
  tunnel: VpnTunnel,
  { address, asn }: { readonly address: string; readonly asn: number },
): TunnelEnd {
  const { bgp, routes, idleMinutesBeyond } = siteToSiteHabits;
  const [own, router] = insideAddresses(tunnel.inside);
  const sa = (protocol: "ike" | "esp") => ({
    proposals: proposalsOf(protocol, tunnel[protocol]),
    ...rekeyingOf(tunnel, tunnel[protocol]),
  });
  return {
    name,
    address: tunnel.address,
    router: { address, asn },
    inside: { own, router, prefix: 30 },
    presharedKey: tunnel.presharedKey,
    ike: sa("ike"),
    esp: sa("esp"),
    replayWindow: tunnel.replayWindow,
    lines: routerLines(own, { address: router, asn }, bgp, { most: routes, idleMinutesBeyond }),
  };
}
