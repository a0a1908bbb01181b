import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { z } from "zod";
import { fingerprints, privateText, publicLine } from "./openssh";
import { tlsType } from "./type";

const curves = { P256: "P-256", P384: "P-384" } as const;

export const privateKey = tlsType({
  token: "tls:index/privateKey:PrivateKey",
  inputs: {
    algorithm: z.enum(["ED25519", "ECDSA"], "the lab has a stand-in for ED25519 and ECDSA"),
    ecdsaCurve: z.enum(["P256", "P384"], "the lab has a stand-in for P256 and P384").optional(),
  },
  replacedBy: "all",
  computed: [
    ...["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8", "publicKeyFingerprintMd5"],
    ...["publicKeyFingerprintSha256", "publicKeyOpenssh", "publicKeyPem"],
  ],
  secretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
  check: ({ algorithm, ecdsaCurve }) =>
    // The vendor's default, P224, is no curve that OpenSSH or this lab has.
    algorithm === "ECDSA" && ecdsaCurve === undefined
      ? [{ property: "ecdsaCurve", reason: "name a curve: the lab has no stand-in for the default, P224" }]
      : [],
  create({ algorithm, ecdsaCurve = "P256" }) {
    const { privateKey: key } =
      algorithm === "ED25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: curves[ecdsaCurve] });
    const publicKeyPem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
    const { md5, sha256 } = fingerprints(key);
    return Promise.resolve({
      // The provider's id: SHA-1 of the public key (terraform-provider-tls, `hashForState`).
      id: createHash("sha1").update(publicKeyPem).digest("hex"),
      outputs: {
        privateKeyPem: pemOf(key),
        privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }),
        privateKeyOpenssh: privateText(key),
        publicKeyPem,
        publicKeyOpenssh: publicLine(key),
        publicKeyFingerprintMd5: md5,
        publicKeyFingerprintSha256: sha256,
      },
    });
  },
  // A key is where its state is: nothing of it is anywhere else.
  read: () => Promise.resolve({}),
  remove: () => Promise.resolve(),
});

/** Each algorithm's own form: SEC 1 for ECDSA; Ed25519 has PKCS #8 alone. */
function pemOf(key: KeyObject): string {
  const type = key.asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
  return key.export({ type, format: "pem" }).toString();
}
