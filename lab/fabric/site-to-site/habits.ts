import type { VpnPhase, VpnTunnel } from "../../world/model";

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
  /** Best practices, "Adjust MTU and MSS sizes": at most, behind NAT and with an AEAD of 16 bytes. It tells nobody of it. */
  mtu: 1438,
  /** Requirements, "Fragment IP packets before encryption": ESP's own packets may be fragmented on the way. */
  dpdDelaySeconds: 10,
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
    rekey: lifetimeSeconds - rekeyMarginSeconds,
    random: Math.floor((rekeyMarginSeconds * rekeyFuzzPercentage) / 100),
    life: lifetimeSeconds,
  };
}

/** A customer gateway's lines in the configuration of bgpd (FRR documentation, "BGP"). */
export function customerGatewayLines(
  own: string,
  peer: { readonly address: string; readonly asn: number },
): string[] {
  const { bgp, routes, idleMinutesBeyond } = siteToSiteHabits;
  const neighbor = `neighbor ${peer.address}`;
  return [
    `${neighbor} remote-as ${String(peer.asn)}`,
    `${neighbor} timers ${String(bgp.keepaliveSeconds)} ${String(bgp.holdSeconds)}`,
    `${neighbor} timers connect 10`,
    `${neighbor} maximum-prefix ${String(routes)} restart ${String(idleMinutesBeyond)}`,
    `${neighbor} update-source ${own}`,
  ];
}
