import { randomBytes } from "node:crypto";

export interface RoleCredentials {
  readonly keyId: string;
  readonly secret: string;
  readonly token: string;
  readonly role: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const hours = 6;

/** What the metadata service gives out for roles, and the API takes: temporary, each with a session token. */
export class CredentialStore {
  readonly #issued = new Map<string, RoleCredentials>();

  /** The same until half of its life is over. */
  forRole(role: string, now: number): RoleCredentials {
    const known = [...this.#issued.values()].find(
      (held) => held.role === role && held.expires > now + (hours / 2) * 3_600_000,
    );
    if (known !== undefined) return known;
    const made: RoleCredentials = {
      // AWS, "IAM identifiers": ASIA begins the id of a temporary key.
      keyId: `ASIA${randomBytes(10).toString("hex").slice(0, 16).toUpperCase()}`,
      secret: randomBytes(30).toString("base64"),
      token: randomBytes(120).toString("base64"),
      role,
      expires: now + hours * 3_600_000,
    };
    this.#issued.set(made.keyId, made);
    return made;
  }

  find(keyId: string): RoleCredentials | undefined {
    return this.#issued.get(keyId);
  }
}
