import { createHash, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { z } from "zod";

/** OpenSSH's names: of the key type, and of the curve where there is one (RFC 5656, RFC 8709). */
const ed25519 = "ssh-ed25519";
const curves: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  "P-256": { name: "nistp256", bytes: 32 },
  "P-384": { name: "nistp384", bytes: 48 },
};

const jwk = z.object({
  crv: z.string(),
  x: z.base64url(),
  y: z.base64url().optional(),
  d: z.base64url().optional(),
});

/** `ssh-ed25519 AAAA…` and a line's end, as the vendor's provider writes it. */
export function publicLine(key: KeyObject): string {
  const blob = publicBlob(key);
  return `${typeOf(key)} ${blob.toString("base64")}\n`;
}

/** @see RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4 */
export function publicBlob(key: KeyObject): Buffer {
  const { crv, x, y } = jwk.parse(createPublicKey(key).export({ format: "jwk" }));
  if (crv === "Ed25519") return Buffer.concat([text(ed25519), string(Buffer.from(x, "base64url"))]);
  return Buffer.concat([text(typeOf(key)), text(curveOf(crv).name), string(point(crv, x, y ?? ""))]);
}

/** OpenSSH's own format, without a passphrase (openssh/PROTOCOL.key). */
export function privateText(key: KeyObject): string {
  const { crv, x, y, d = "" } = jwk.parse(key.export({ format: "jwk" }));
  const secret = Buffer.from(d, "base64url");
  const parts =
    crv === "Ed25519"
      ? [string(Buffer.from(x, "base64url")), string(Buffer.concat([secret, Buffer.from(x, "base64url")]))]
      : [text(curveOf(crv).name), string(point(crv, x, y ?? "")), string(mpint(secret))];
  // Two equal random numbers tell a reader that it has decrypted the rest; here nothing is encrypted.
  const check = randomBytes(4);
  const plainPart = Buffer.concat([check, check, text(typeOf(key)), ...parts, text("")]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (plainPart.length % 8)) % 8 }, (_, index) => index + 1),
  );
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[text("none"), text("none"), text(""), count],
    string(publicBlob(key)),
    string(Buffer.concat([plainPart, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/** As `ssh-keygen -l` writes them: colons and lower case, and `SHA256:` with base64 without padding. */
export function fingerprints(key: KeyObject): { readonly md5: string; readonly sha256: string } {
  const blob = publicBlob(key);
  const md5 = createHash("md5").update(blob).digest("hex").match(/../g) ?? [];
  return {
    md5: md5.join(":"),
    sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
  };
}

function typeOf(key: KeyObject): string {
  const { crv } = jwk.parse(createPublicKey(key).export({ format: "jwk" }));
  return crv === "Ed25519" ? ed25519 : `ecdsa-sha2-${curveOf(crv).name}`;
}

function curveOf(crv: string): { readonly name: string; readonly bytes: number } {
  const curve = curves[crv];
  if (curve === undefined) throw new Error(`OpenSSH has no name for the curve ${crv}`);
  return curve;
}

/** Uncompressed (SEC 1 §2.3.3). */
function point(crv: string, x: string, y: string): Buffer {
  const { bytes } = curveOf(crv);
  const whole = Buffer.alloc(1 + 2 * bytes);
  whole[0] = 4;
  for (const [index, value] of [x, y].entries()) {
    const coordinate = Buffer.from(value, "base64url");
    coordinate.copy(whole, 1 + (index + 1) * bytes - coordinate.length);
  }
  return whole;
}

/** RFC 4251 §5: no leading zeros, but one before a set top bit. */
function mpint(value: Buffer): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const digits = value.subarray(first === -1 ? value.length : first);
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
}

function text(value: string): Buffer {
  return string(Buffer.from(value));
}

function string(value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}
