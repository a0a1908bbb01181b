/**
 * What strongSwan's vici names for a proposal in its configuration's words: IANA's names, by the key of `list-sas`.
 * @see strongSwan, "IKEv2 Cipher Suites"; src/libcharon/plugins/vici/README.md, list-sa
 */
const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aes256gcm16: { "encr-alg": "AES_GCM_16", "encr-keysize": "256" },
  aes192gcm16: { "encr-alg": "AES_GCM_16", "encr-keysize": "192" },
  aes128gcm16: { "encr-alg": "AES_GCM_16", "encr-keysize": "128" },
  chacha20poly1305: { "encr-alg": "CHACHA20_POLY1305" },
  aes256: { "encr-alg": "AES_CBC", "encr-keysize": "256" },
  aes192: { "encr-alg": "AES_CBC", "encr-keysize": "192" },
  aes128: { "encr-alg": "AES_CBC", "encr-keysize": "128" },
  sha512: { "integ-alg": "HMAC_SHA2_512_256" },
  sha384: { "integ-alg": "HMAC_SHA2_384_192" },
  sha256: { "integ-alg": "HMAC_SHA2_256_128" },
  prfsha512: { "prf-alg": "PRF_HMAC_SHA2_512" },
  prfsha384: { "prf-alg": "PRF_HMAC_SHA2_384" },
  prfsha256: { "prf-alg": "PRF_HMAC_SHA2_256" },
  ecp384: { "dh-group": "ECP_384" },
  ecp521: { "dh-group": "ECP_521" },
  ecp256: { "dh-group": "ECP_256" },
  curve25519: { "dh-group": "CURVE_25519" },
  x25519: { "dh-group": "CURVE_25519" },
  modp8192: { "dh-group": "MODP_8192" },
  modp6144: { "dh-group": "MODP_6144" },
  modp4096: { "dh-group": "MODP_4096" },
  modp3072: { "dh-group": "MODP_3072" },
  modp2048: { "dh-group": "MODP_2048" },
  ke1_mlkem1024: { ake1: "ML_KEM_1024" },
  ke1_mlkem768: { ake1: "ML_KEM_768" },
  ke1_mlkem512: { ake1: "ML_KEM_512" },
};

/** The live words of one proposal as text, in a fixed order: `AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384`. */
export function liveProposal(live: Readonly<Record<string, string>>): string {
  const size = live["encr-keysize"];
  const encryption =
    live["encr-alg"] === undefined ? "none" : `${live["encr-alg"]}${size === undefined ? "" : `_${size}`}`;
  return [encryption, live["integ-alg"], live["prf-alg"], live["dh-group"], live["ake1"]]
    .filter((word) => word !== undefined)
    .join("/");
}

/** The same text for a planned proposal. @throws Error for a word that is not in the table */
export function plannedProposal(proposal: string): string {
  const entries = proposal.split("-").flatMap((word) => {
    const known = words[word];
    if (known === undefined) throw new Error(`No live name is known for the transform ${word}.`);
    return Object.entries(known);
  });
  return liveProposal(Object.fromEntries(entries));
}

/** And of a child SA that came with IKE_AUTH, which has no key exchange of its own. */
export function firstProposal(proposal: string): string {
  return plannedProposal(
    proposal
      .split("-")
      .filter((word) => words[word]?.["dh-group"] === undefined)
      .join("-"),
  );
}
