import type { VendorTransforms } from "../crypto/offer";

/**
 * What a tunnel of Google Cloud's HA VPN takes with IKEv2 and AEAD. Google Cloud, "Supported IKE ciphers", "Proposals that
 * use AEAD"; SDK, `compute.VPNTunnel`, `cipherSuite`, whose words know upper and lower case. It takes proposals without
 * AEAD as well, which nobody needs: every other end has AES-GCM. A group for the child SA must stand (PFS is required).
 */
const encryption = {
  aes256gcm16: "AES-GCM-16-256",
  aes192gcm16: "AES-GCM-16-192",
  aes128gcm16: "AES-GCM-16-128",
} as const;

const groups = {
  modp2048: "Group-14",
  modp3072: "Group-15",
  modp4096: "Group-16",
  modp8192: "Group-18",
  ecp256: "Group-19",
  ecp384: "Group-20",
  ecp521: "Group-21",
  curve25519: "Group-31",
} as const;

export const transforms = {
  whose: "Google Cloud HA VPN",
  ike: {
    encryption,
    integrity: {},
    prf: {
      prfsha256: "PRF-HMAC-SHA2-256",
      prfsha384: "PRF-HMAC-SHA2-384",
      prfsha512: "PRF-HMAC-SHA2-512",
    },
    group: groups,
  },
  esp: { encryption, integrity: {}, group: groups },
  oneHash: false,
  /** The same page, Phase 1 and Phase 2: nobody can choose them. */
  lifetimes: {
    ike: { least: 36000, greatest: 36000, standard: 36000 },
    esp: { least: 10800, greatest: 10800, standard: 10800 },
  },
} as const satisfies VendorTransforms;
