import type { VendorTransforms } from "../crypto/offer";

/**
 * What a connection of Azure VPN Gateway takes in `ipsecPolicies`: one entry, in which every field must stand. Azure, "About
 * cryptographic requirements and Azure VPN gateways" and "Configure custom IPsec/IKE connection policies for S2S VPN and
 * VNet-to-VNet"; REST API, "IpsecPolicy". Its `None` for `pfsGroup` has no word here: no forward secrecy is no choice.
 */
export const transforms = {
  whose: "Azure VPN Gateway",
  ike: {
    encryption: {
      aes256gcm16: "GCMAES256",
      aes128gcm16: "GCMAES128",
      aes256: "AES256",
      aes192: "AES192",
      aes128: "AES128",
      "3des": "DES3",
      des: "DES",
    },
    integrity: { sha384: "SHA384", sha256: "SHA256", sha1: "SHA1", md5: "MD5" },
    // Beside GCM, `ikeIntegrity` must stand as well: what it then names is taken to be the PRF, which no page says.
    prf: { prfsha384: "SHA384", prfsha256: "SHA256", prfsha1: "SHA1", prfmd5: "MD5" },
    group: {
      modp2048s256: "DHGroup24",
      ecp384: "ECP384",
      ecp256: "ECP256",
      modp2048: "DHGroup14",
      modp1024: "DHGroup2",
      modp768: "DHGroup1",
    },
  },
  esp: {
    // The same word stands in `ipsecIntegrity`, too, where it is one of GCM.
    encryption: {
      aes256gcm16: "GCMAES256",
      aes192gcm16: "GCMAES192",
      aes128gcm16: "GCMAES128",
      aes256: "AES256",
      aes192: "AES192",
      aes128: "AES128",
      "3des": "DES3",
      des: "DES",
      null: "None",
    },
    integrity: { sha256: "SHA256", sha1: "SHA1", md5: "MD5" },
    group: {
      modp2048s256: "PFS24",
      ecp384: "ECP384",
      ecp256: "ECP256",
      modp2048: "PFS2048",
      modp1024: "PFS2",
      modp768: "PFS1",
    },
  },
  oneHash: true,
  /** IKE's is not to be chosen; `saLifeTimeSeconds` is, from 300 on. */
  lifetimes: {
    ike: { least: 28800, greatest: 28800, standard: 28800 },
    esp: { least: 300, standard: 27000 },
  },
} as const satisfies VendorTransforms;

/** `saDataSizeKilobytes`, which ends a child SA before its time: the same pages. 0 is without limit. */
export const dataSizeKilobytes = { least: 1024, standard: 102400000 } as const;
