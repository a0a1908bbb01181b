import { createPrivateKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/**
 * 32 random bytes in base64, of which the PPKs of a region's tunnels are derived (`gateway/ppk.ts`). Secret. They are the
 * seed of an Ed25519 key that is used for nothing else: what the engine makes and keeps as a secret with no further
 * provider. Its public half stands open in the state and tells nothing of them, to a quantum computer either: between the
 * two lies SHA-512 (RFC 8032 section 5.1.5).
 */
export function ppkSeed(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const { privateKeyPem } = new tls.PrivateKey(`${name}-ppk`, { algorithm: "ED25519" }, opts);
  return pulumi.secret(privateKeyPem.apply(seedOf));
}

/** @throws Error without a word of the key's text */
export function seedOf(pem: string): string {
  const { d } = jwkOf(pem);
  if (d === undefined) throw new Error("The provider has made no Ed25519 key where one was asked for.");
  return Buffer.from(d, "base64url").toString("base64");
}

function jwkOf(pem: string): { readonly d?: string } {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key.export({ format: "jwk" }) : {};
  } catch {
    return {};
  }
}
