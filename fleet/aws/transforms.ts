import type { VendorTransforms } from "../crypto/offer";

/**
 * What a tunnel of AWS Site-to-Site VPN takes, at a transit gateway as at a virtual private gateway: AWS, "Tunnel options
 * for your AWS Site-to-Site VPN connection"; EC2 API reference, "VpnTunnelOptionsSpecification". All are lists of which
 * AWS takes what the peer proposes: one value each keeps the choice ours.
 */
const groups = {
  modp1024: 2,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  modp6144: 17,
  modp8192: 18,
  ecp256: 19,
  ecp384: 20,
  ecp521: 21,
  modp1024s160: 22,
  modp2048s224: 23,
  modp2048s256: 24,
} as const;

const encryption = {
  aes128: "AES128",
  aes256: "AES256",
  aes128gcm16: "AES128-GCM-16",
  aes256gcm16: "AES256-GCM-16",
} as const;

const integrity = { sha1: "SHA1", sha256: "SHA2-256", sha384: "SHA2-384", sha512: "SHA2-512" } as const;

export const transforms = {
  whose: "AWS Site-to-Site VPN",
  ike: {
    encryption,
    integrity,
    // `Phase1IntegrityAlgorithms` names the PRF, too.
    prf: { prfsha1: "SHA1", prfsha256: "SHA2-256", prfsha384: "SHA2-384", prfsha512: "SHA2-512" },
    group: groups,
  },
  esp: { encryption, integrity, group: { ...groups, modp1536: 5 } },
  oneHash: true,
  /** `Phase2LifetimeSeconds` must also be less than `Phase1LifetimeSeconds`. */
  lifetimes: {
    ike: { least: 900, greatest: 28800, standard: 28800 },
    esp: { least: 900, greatest: 3600, standard: 3600 },
  },
} as const satisfies VendorTransforms;
