import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { KeyAlgorithm } from "../../fleet/key-algorithm";

/**
 * Why a gateway's certificate request must not be signed as it is; empty if it may. The signer copies the names of a
 * request into the certificate, so a gateway that asks for another's identity must be refused here. Pure.
 * @param pem PKCS #10 (RFC 2986)
 * @param identity the one FQDN that the request may name
 * @param keyAlgorithm the one kind of key that it may be for
 * @param shared a second FQDN, which it must name after the first: of a pair that shares an address
 */
export function checkCsr(
  pem: string,
  identity: string,
  keyAlgorithm: KeyAlgorithm,
  shared?: string,
): string[] {
  const names = shared === undefined ? [identity] : [identity, shared];
  const base64 = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]+?)-----END CERTIFICATE REQUEST-----/.exec(
    pem,
  )?.[1];
  if (base64 === undefined) return ["The gateway answered with no certificate request."];
  try {
    return checkRequest(Buffer.from(base64, "base64"), names, keyAlgorithm);
  } catch (error) {
    if (error instanceof RangeError || isCryptoError(error)) return ["The certificate request is damaged."];
    throw error;
  }
}

function checkRequest(der: Buffer, wanted: readonly string[], keyAlgorithm: KeyAlgorithm): string[] {
  const outer = one(der);
  const [info, algorithm, signature] = children(outer);
  const [, , publicKey, attributes] = children(info);
  const problems: string[] = [];
  const shape =
    [outer, info, algorithm].every((part) => part?.tag === tag.sequence) && signature?.tag === tag.bits;
  if (!shape || outer.whole.length !== der.length) throw new RangeError("not a request");
  const { title, signatureAlgorithm, is } = kinds[keyAlgorithm];
  const key = readKey(whole(publicKey));
  if (!is(key)) problems.push(`The request's key is no ${title}.`);
  // The leading byte of a BIT STRING counts unused bits: none in a signature.
  else if (
    whole(algorithm).toString("hex") !== signatureAlgorithm ||
    content(signature)[0] !== 0 ||
    !verify("sha256", whole(info), key, content(signature).subarray(1))
  )
    problems.push("The request is not signed with its own key.");
  const names = requestedNames(attributes);
  if (names.length !== wanted.length || names.some((name, index) => name !== wanted[index]))
    problems.push(
      `The request names ${names.length === 0 ? "nobody" : names.join(", ")} in place of ${wanted.join(", ")}.`,
    );
  return problems;
}

/** One DER value (X.690): its tag, all its bytes, and the bytes inside. */
interface Der {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

interface Kind {
  /** As a sentence names it. */
  readonly title: string;
  /** The whole AlgorithmIdentifier, which no signature covers: ecdsa-with-SHA256 (RFC 5758), sha256WithRSAEncryption (RFC 4055). */
  readonly signatureAlgorithm: string;
  is(key: KeyObject): boolean;
}

const kinds: Readonly<Record<KeyAlgorithm, Kind>> = {
  "ecdsa-p256": {
    title: "ECDSA key on P-256",
    signatureAlgorithm: "300a06082a8648ce3d040302",
    is: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
      asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1",
  },
  "rsa-3072": rsa(3072),
  "rsa-4096": rsa(4096),
};

/** With the public exponent that OpenSSL chooses, 65537 (NIST SP 800-56B revision 2, section 6.2: the least allowed). */
function rsa(bits: number): Kind {
  return {
    title: `RSA key of ${String(bits)} bits`,
    signatureAlgorithm: "300d06092a864886f70d01010b0500",
    is: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
      asymmetricKeyType === "rsa" &&
      asymmetricKeyDetails?.modulusLength === bits &&
      asymmetricKeyDetails.publicExponent === 65537n,
  };
}

const oid = {
  extensionRequest: "2a864886f70d01090e",
  subjectAltName: "551d11",
} as const;
const tag = { sequence: 0x30, bits: 0x03, octets: 0x04, oid: 0x06, dnsName: 0x82, attributes: 0xa0 } as const;

/** OpenSSL names its many ways to refuse a key differently, some without a code; all mean the same here. */
function readKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch (error) {
    throw new RangeError("no key", { cause: error });
  }
}

/** Every subject alternative name that the request asks for; names that are no DNS names by their tag. */
function requestedNames(attributes: Der | undefined): string[] {
  if (attributes?.tag !== tag.attributes) return [];
  return children(attributes)
    .filter((attribute) => isOid(children(attribute)[0], oid.extensionRequest))
    .flatMap((attribute) => children(children(attribute)[1]))
    .flatMap((extensions) => children(extensions))
    .filter((extension) => isOid(children(extension)[0], oid.subjectAltName))
    .map((extension) => children(extension).find((part) => part.tag === tag.octets))
    .flatMap((value) => children(one(content(value))))
    .map((name) =>
      name.tag === tag.dnsName ? name.content.toString("latin1") : `a name of kind ${name.tag & 0x1f}`,
    );
}

function isOid(value: Der | undefined, hex: string): boolean {
  return value?.tag === tag.oid && value.content.toString("hex") === hex;
}

function whole(value: Der | undefined): Buffer {
  if (value === undefined) throw new RangeError("missing value");
  return value.whole;
}

function content(value: Der | undefined): Buffer {
  if (value === undefined) throw new RangeError("missing value");
  return value.content;
}

function children(value: Der | undefined): Der[] {
  const bytes = content(value);
  const parts: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const part = one(bytes.subarray(at));
    parts.push(part);
    at += part.whole.length;
  }
  return parts;
}

function one(bytes: Buffer): Der {
  const first = bytes.readUInt8(1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) throw new RangeError("too long");
  const length = lengthBytes === 0 ? first & 0x7f : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (start + length > bytes.length || first === 0x80) throw new RangeError("cut short");
  return {
    tag: bytes.readUInt8(0),
    whole: bytes.subarray(0, start + length),
    content: bytes.subarray(start, start + length),
  };
}

function isCryptoError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ERR_")
  );
}
