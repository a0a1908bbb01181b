import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { Refusal } from "../provider/refusal";

export type KeyAlgorithm = "ECDSA" | "ED25519";

/** A key with all that signing with it takes. */
export interface SigningKey {
  readonly algorithm: KeyAlgorithm;
  readonly key: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
  /** As Go's x509 chooses: the hash is as long as the curve. */
  readonly signature: { readonly name: string; readonly hash?: string };
}

const hashes: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
};

/** @throws Refusal without a word of the key's text */
export function signingKey(pem: string, field: string): SigningKey {
  const key = parse(pem, field);
  const publicKey = createPublicKey(key);
  if (key.asymmetricKeyType === "ed25519") {
    const name = "Ed25519";
    return {
      algorithm: "ED25519",
      key: key.toCryptoKey(name, true, ["sign"]),
      publicKey: publicKey.toCryptoKey(name, true, ["verify"]),
      signature: { name },
    };
  }
  const curve = hashes[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (curve === undefined)
    throw new Refusal("NoStandIn", `${field}: the lab has a stand-in for Ed25519, P-256 and P-384 keys`);
  const { namedCurve, hash } = curve;
  const algorithm = { name: "ECDSA", namedCurve };
  return {
    algorithm: "ECDSA",
    key: key.toCryptoKey(algorithm, true, ["sign"]),
    publicKey: publicKey.toCryptoKey(algorithm, true, ["verify"]),
    signature: { name: "ECDSA", hash },
  };
}

/** Whether two public keys are one. */
export async function sameKey(one: webcrypto.CryptoKey, other: webcrypto.CryptoKey): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map(async (key) => Buffer.from(await webcrypto.subtle.exportKey("spki", key))),
  );
  return first !== undefined && second !== undefined && first.equals(second);
}

function parse(pem: string, field: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Refusal("InvalidKey", `${field}: this is no private key in PEM`);
  }
}
