import { createHash } from "node:crypto";
import type { RoleCredentials } from "../../../../lab/clouds/aws/api/credentials";
import { signatureOf } from "../../../../lab/clouds/aws/api/signature";

export const region = "eu-west-1";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A request to EC2's Query API as a machine signs it. */
export function request(
  words: Readonly<Record<string, string>>,
  { keyId, secret, token }: Pick<RoleCredentials, "keyId" | "secret" | "token">,
  { at = "20260102T030405Z", to = region } = {},
) {
  const body = new URLSearchParams({ Version: "2016-11-15", ...words }).toString();
  const host = `ec2.${to}.amazonaws.com`;
  const headers = { host, "x-amz-date": at, "x-amz-security-token": token };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = ["POST", "/", "", ...lines, "", names, sha256(body)].join("\n");
  const scope = `${at.slice(0, 8)}/${to}/ec2/aws4_request`;
  const signature = signatureOf(secret, scope, `AWS4-HMAC-SHA256\n${at}\n${scope}\n${sha256(canonical)}`);
  const authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { method: "POST", path: "/", headers: { ...headers, authorization }, body };
}
