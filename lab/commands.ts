import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { makeFolder } from "../tools/setup/make-folder";
import { type Fault, type LabClient, LabError, type LabStatus } from "./client/client";
import { openLab } from "./client/open";
import { lockFolder } from "./daemon/lock";
import { birthSchema } from "./daemon/protocol";
import { clearFolder } from "./daemon/wrapper";
import { labFolder } from "./folder";

export interface LabOptions {
  /** Default: TRUNKLINE_LAB, else `.trunkline/lab` below the working directory. */
  readonly folder?: string;
}

export interface UpOptions extends LabOptions {
  /** A world without kernels. Default false. */
  readonly recorded?: boolean;
  /** Short sentences for a person, one per step. */
  readonly onProgress?: (step: string) => void;
}

/** What the daemon may know of its caller: no credential of any kind is in it. */
const daemonEnvironment = [
  "PATH",
  "HOME",
  "LANG",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
  "USER",
  "LOGNAME",
];

/**
 * Starts a lab, or opens the one that runs in that folder.
 * @throws LabError "OtherMode" when one of the other kind runs there; "SetupMissing" before the set-up has run; "NoFolder"
 */
export async function up(options: UpOptions = {}): Promise<LabClient> {
  const mode = options.recorded === true ? "recorded" : "kernels";
  const running = await openIfRunning(options);
  const lab = running ?? (await start(mode, options));
  if (lab.mode === mode) return lab;
  lab.close();
  throw new LabError("OtherMode", `the lab in ${lab.folder} is ${lab.mode}; take it down first`);
}

export async function status(options: LabOptions = {}): Promise<LabStatus> {
  return withLab(options, (lab) => lab.status());
}

/** A root shell; the caller connects it to its terminal, in raw mode. The lab's connection ends with it. */
export async function shell(
  host: string,
  options: LabOptions & { readonly rows?: number; readonly columns?: number } = {},
): Promise<Duplex> {
  const { folder, ...size } = options;
  return withLab(folder === undefined ? {} : { folder }, (lab) => lab.shell(host, size));
}

export async function fault(asked: Fault, options: LabOptions = {}): Promise<void> {
  return withLab(options, (lab) => lab.fault(asked));
}

export async function power(machine: string, state: "on" | "off", options: LabOptions = {}): Promise<void> {
  return withLab(options, (lab) => lab.power(machine, state));
}

/** pcap. Default host: the lab's internet; default filter: everything. */
export async function capture(
  options: LabOptions & { readonly host?: string; readonly filter?: string } = {},
): Promise<Duplex> {
  return withLab(options, (lab) => lab.capture(options.host ?? "internet", options.filter ?? ""));
}

/** Ends the lab and removes what it made; also what a killed daemon left behind. Without a lab it does nothing. */
export async function down(options: LabOptions = {}): Promise<"ended" | "none"> {
  const paths = labFolder(options.folder);
  const lab = await openIfRunning(options);
  if (lab !== undefined) await lab.down();
  if (!existsSync(paths.folder)) return "none";
  const lock = await lockSoon(paths.lock);
  const left = existsSync(paths.world);
  clearFolder(paths);
  lock.release();
  return lab !== undefined || left ? "ended" : "none";
}

async function withLab<T>(options: LabOptions, step: (lab: LabClient) => Promise<T>): Promise<T> {
  const lab = await openLab(options.folder);
  try {
    return await step(lab);
  } finally {
    lab.close();
  }
}

async function openIfRunning(options: LabOptions): Promise<LabClient | undefined> {
  try {
    return await openLab(options.folder);
  } catch (error) {
    if (error instanceof LabError && error.code === "LabDown") return undefined;
    throw error;
  }
}

async function start(mode: string, options: UpOptions): Promise<LabClient> {
  const { folder } = labFolder(options.folder);
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new LabError(
      "NoFolder",
      `The lab's folder ${folder} cannot be made (${why}). Set TRUNKLINE_LAB to a folder of yours.`,
    );
  }
  const program = join(__dirname, "daemon", `main${extname(__filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, program, folder, mode], {
    // Its modules (and a loader named in execArgv) are found from here; the folder it works in is an argument.
    cwd: __dirname,
    detached: true,
    env: Object.fromEntries(
      daemonEnvironment.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  child.unref();
  const birth = child.stdio[3];
  if (birth === null || birth === undefined || !("readable" in birth))
    throw new LabError("LabFault", "the lab's process has no line to its starter");
  for await (const line of createInterface({ input: birth })) {
    const said = birthSchema.parse(JSON.parse(line));
    if ("progress" in said) options.onProgress?.(said.progress);
    else if ("failed" in said) return startedElsewhere(said.failed, options);
    else return openLab(options.folder);
  }
  throw new LabError("LabFault", `the lab's process ended at once; see ${labFolder(folder).log}`);
}

/** Two `up`s at once: the second finds the folder locked, and uses the lab that the first one starts. */
async function startedElsewhere(
  failed: { code: string; message: string },
  options: UpOptions,
): Promise<LabClient> {
  if (failed.code !== "LabBusy") throw new LabError(failed.code, failed.message);
  return poll(async () => openIfRunning(options), new LabError(failed.code, failed.message));
}

async function lockSoon(path: string): Promise<{ release(): void }> {
  const busy = new LabError("LabBusy", `the lab does not end (${path})`);
  return poll(() => {
    try {
      return Promise.resolve(lockFolder(path));
    } catch (error) {
      if (error instanceof LabError) return Promise.resolve(undefined);
      throw error;
    }
  }, busy);
}

const pollSeconds = 60;

async function poll<T>(step: () => Promise<T | undefined>, late: LabError): Promise<T> {
  const deadline = Date.now() + pollSeconds * 1000;
  while (Date.now() < deadline) {
    const found = await step();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw late;
}
