import { randomBytes } from "node:crypto";
import type { World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import type { CredentialStore } from "./credentials";
import { dataOf, lookUp } from "./instance-data";
import type { CloudRequest, CloudResponse } from "./request";

const notFound: CloudResponse = { status: 404, body: "Not Found" };
const folder = "/latest/meta-data/iam/security-credentials/";

/**
 * The instance metadata service, version 2 alone: a token first, by PUT, then questions that carry it.
 * Its answers do not survive a hop: `cloud_doors.py` sends them so.
 * @see AWS, "Use the Instance Metadata Service to access instance metadata" (EC2 User Guide)
 */
export class MetadataService {
  readonly #tokens = new Map<string, { readonly interface: string; readonly until: number }>();

  constructor(private readonly credentials: CredentialStore) {}

  /** @param card the network interface that the request came over */
  answer(world: World, card: string, { method, path, headers }: CloudRequest, now: number): CloudResponse {
    if (method === "PUT" && path === "/latest/api/token") return this.#token(card, headers, now);
    const token = this.#tokens.get(headers["x-aws-ec2-metadata-token"] ?? "");
    // A token is of one machine, and a request without one is version 1's.
    if (token?.interface !== card || token.until <= now) return { status: 401, body: "Unauthorized" };
    if (method !== "GET") return { status: 405, body: "Method Not Allowed" };
    const machine = objectsOf(world, "machine").find((candidate) => candidate.interface === card);
    if (machine === undefined) return notFound;
    const profile =
      machine.profile === undefined ? undefined : objectOf(world, "instanceProfile", machine.profile);
    if (!path.startsWith(folder.slice(0, -1))) {
      const said = lookUp(dataOf(world, machine), path);
      return said === undefined ? notFound : { status: 200, body: said };
    }
    if (profile === undefined) return notFound;
    if (path === folder || path === folder.slice(0, -1)) return { status: 200, body: profile.role };
    if (path !== `${folder}${profile.role}`) return notFound;
    const held = this.credentials.forRole(profile.role, now);
    const body = {
      Code: "Success",
      LastUpdated: new Date(now).toISOString(),
      Type: "AWS-HMAC",
      AccessKeyId: held.keyId,
      SecretAccessKey: held.secret,
      Token: held.token,
      Expiration: new Date(held.expires).toISOString(),
    };
    return { status: 200, body: JSON.stringify(body) };
  }

  #token(card: string, headers: CloudRequest["headers"], now: number): CloudResponse {
    const seconds = Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    // 1 second to 6 hours; and no token for what was forwarded on behalf of somebody else.
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 21_600)
      return { status: 400, body: "Bad Request" };
    if (headers["x-forwarded-for"] !== undefined) return { status: 403, body: "Forbidden" };
    const token = randomBytes(42).toString("base64");
    this.#tokens.set(token, { interface: card, until: now + seconds * 1000 });
    return { status: 200, body: token };
  }
}
