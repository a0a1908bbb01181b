import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { tmpdir, userInfo } from "node:os";

/** Where things of one lab lie. All of it is made by the daemon and removed by `down`, the log excepted. */
export interface LabFolder {
  readonly folder: string;
  /** Sockets: a folder with a path short enough for `sun_path` (108 bytes). */
  readonly runtime: string;
  readonly socket: string;
  readonly lock: string;
  readonly world: string;
  readonly log: string;
  /** First in the PATH of engine children: the wrapper `ssh`. */
  readonly bin: string;
  readonly home: string;
  readonly pulumiHome: string;
}

const longestRuntime = 80;

/** @param folder default: TRUNKLINE_LAB, else `.trunkline/lab` below the working directory */
export function labFolder(folder = process.env["TRUNKLINE_LAB"] ?? ".trunkline/lab"): LabFolder {
  const absolute = resolve(folder);
  const runtime = runtimeFolder(absolute);
  return {
    folder: absolute,
    runtime,
    socket: join(runtime, "lab.sock"),
    lock: join(absolute, "lock"),
    world: join(absolute, "world.json"),
    log: join(absolute, "daemon.log"),
    bin: join(absolute, "bin"),
    home: join(absolute, "home"),
    pulumiHome: join(absolute, "pulumi-home"),
  };
}

function runtimeFolder(folder: string): string {
  const inside = join(folder, "run");
  if (Buffer.byteLength(inside) <= longestRuntime) return inside;
  const name = `trunkline-${userInfo().uid}-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
  const base = process.env["XDG_RUNTIME_DIR"] ?? tmpdir();
  return join(Buffer.byteLength(base) + 1 + name.length <= longestRuntime ? base : "/tmp", name);
}
