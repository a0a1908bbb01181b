import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Refusal } from "../../provider/refusal";
import type { CredentialStore, RoleCredentials } from "./credentials";
import type { CloudRequest } from "./request";

const form =
  /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
/** AWS, "Elements of an AWS API request signature": within five minutes of the time stamp. */
const skewMilliseconds = 5 * 60_000;

/**
 * Who signed a request, or EC2's refusal of it.
 * @see AWS, "Create a signed AWS API request" (IAM User Guide)
 * @throws Refusal AuthFailure, RequestExpired
 */
export function signerOf(
  request: CloudRequest,
  region: string,
  credentials: CredentialStore,
  now: number,
): RoleCredentials {
  const { headers } = request;
  const found = form.exec(headers["authorization"] ?? "");
  if (found === null) throw failure();
  const [, keyId = "", day = "", scopeRegion, service, names = "", signature = ""] = found;
  const at = headers["x-amz-date"] ?? "";
  const time = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const held = credentials.find(keyId);
  const signed = names.split(";");
  if (
    held === undefined ||
    held.token !== headers["x-amz-security-token"] ||
    scopeRegion !== region ||
    service !== "ec2" ||
    !at.startsWith(day) ||
    Number.isNaN(time) ||
    // Host and every x-amz- header must be signed.
    !["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))].every((name) =>
      signed.includes(name),
    )
  )
    throw failure();
  if (Math.abs(now - time) > skewMilliseconds || held.expires <= now)
    throw new Refusal("RequestExpired", "Request has expired.");
  const scope = `${day}/${region}/ec2/aws4_request`;
  const canonical = [
    request.method,
    "/",
    "",
    ...signed.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const wanted = signatureOf(held.secret, scope, `AWS4-HMAC-SHA256\n${at}\n${scope}\n${sha256(canonical)}`);
  if (!timingSafeEqual(Buffer.from(wanted), Buffer.from(signature))) throw failure();
  return held;
}

/** The key is derived from the scope, word by word; the signature is of the text. */
export function signatureOf(secret: string, scope: string, text: string): string {
  const key = scope
    .split("/")
    .reduce<Buffer | string>(
      (derived, word) => createHmac("sha256", derived).update(word).digest(),
      `AWS4${secret}`,
    );
  return createHmac("sha256", key).update(text).digest("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function failure(): Refusal {
  return new Refusal("AuthFailure", "AWS was not able to validate the provided access credentials");
}
