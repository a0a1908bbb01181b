import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { Failure } from "../failure";

/** As whom the server runs. PostgreSQL refuses to be root. */
export interface ServerUser {
  /** Where this process is root: the server's user is none that anything else runs as. */
  readonly own: boolean;
  /** For whatever starts a program; empty: as this process. */
  readonly ids: { readonly uid?: number; readonly gid?: number };
  /** The same for what makes a data folder: it wants a user that has a name. */
  readonly makerIds: { readonly uid?: number; readonly gid?: number };
  /** Names of the system's users who may connect; root could anyway. */
  readonly clients: readonly string[];
}

/**
 * Numbers that systemd gives to services for as long as they run (systemd, "Users, Groups, UIDs and GIDs", dynamic service
 * users): no distribution has a person or a package there.
 */
const dynamicUsers = { first: 61184, last: 65519 };

/**
 * As root a number of the data folder's own, without an account: nothing on the host is changed, and nobody else has it. A
 * folder that is there already keeps its owner.
 * @throws Failure `badInput` where root cannot give its rights away like this
 */
export function serverUser(data: string): ServerUser {
  const mine = process.getuid?.();
  if (mine !== 0) return { own: false, ids: {}, makerIds: {}, clients: [userInfo().username, "root"] };
  if (process.platform !== "linux")
    throw new Failure(
      "badInput",
      "PostgreSQL does not run as root.",
      "Run it as another user, or name a server of your own in DATABASE_URL.",
    );
  const owner = statSync(data, { throwIfNoEntry: false });
  const kept = owner === undefined || owner.uid === 0 ? undefined : { uid: owner.uid, gid: owner.gid };
  const nobody = accounts().find(({ name }) => name === "nobody");
  if (nobody === undefined)
    throw new Failure(
      "badInput",
      "This system has no user `nobody`, and PostgreSQL does not run as root.",
      "Run it as another user, or name a server of your own in DATABASE_URL.",
    );
  const number = freeNumber(data);
  return {
    own: true,
    ids: kept ?? { uid: number, gid: number },
    makerIds: { uid: nobody.uid, gid: nobody.gid },
    clients: ["root"],
  };
}

function freeNumber(data: string): number {
  const taken = new Set(accounts().map(({ uid }) => uid));
  const size = dynamicUsers.last - dynamicUsers.first + 1;
  const from = createHash("sha256").update(data).digest().readUInt32BE(0);
  for (let step = 0; step < size; step += 1) {
    const uid = dynamicUsers.first + ((from + step) % size);
    if (!taken.has(uid)) return uid;
  }
  throw new Error("every number for a dynamic user has an account");
}

function accounts(): { readonly name: string; readonly uid: number; readonly gid: number }[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [name = "", , uid, gid] = line.split(":");
      return name === "" || uid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }];
    });
}
