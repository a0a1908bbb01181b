import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { imageCommand } from "../../tools/setup/artifacts";
import { memoryFolder } from "../../tools/setup/probes";
import { LabError } from "../client/client";
import { type KernelExit, Launcher } from "../launcher/launcher";
import type { Machine } from "../world/model";
import { Agent } from "./agent";
import { Deferred } from "./deferred";

export interface KernelFiles {
  readonly kernel: string;
  /** A release's file system, if the set-up has made it by now. */
  readonly image: (release: Machine["image"]) => string | undefined;
}

export interface BootOptions {
  readonly id: string;
  /** The release that its disk is a copy of. */
  readonly image: Machine["image"];
  readonly seed: Buffer;
  readonly memoryMegabytes: number;
  readonly cables: readonly {
    readonly end: "fabric" | "machine";
    readonly cable: number;
    readonly device: number;
    /** The guest's device has this address from the start, and can go down and come up again. */
    readonly mac?: string;
  }[];
  /** Further words of the kernel's command line. */
  readonly words: readonly string[];
  /** What process 1 is told. */
  readonly init: readonly string[];
  readonly deadlineSeconds: number;
}

interface Kernel {
  readonly agent: Agent;
  readonly pid: number;
  readonly memoryMegabytes: number;
}

const mebibyte = 1024 * 1024;

/** The lab's running kernels: boots them, holds their agents, ends them. Knows nothing of clouds or addresses. */
export class KernelSet {
  readonly #kernels = new Map<string, Kernel>();
  /** Being killed on request: their end is no news. */
  readonly #asked = new Set<string>();
  readonly #lines = new Map<string, Deferred<Socket>>();

  private constructor(
    private readonly options: KernelSetOptions,
    private readonly launcher: Launcher,
    private readonly server: Server,
  ) {
    server.on("connection", (socket) => this.#connected(socket));
  }

  static async start(options: KernelSetOptions): Promise<KernelSet> {
    mkdirSync(join(options.runtime, "uml"), { recursive: true, mode: 0o700 });
    const server = createServer();
    const path = serialPath(options);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    const started: { set?: KernelSet } = {};
    const launcher = await Launcher.start({
      cables: options.cables,
      onExit: (exit) => started.set?.exited(exit),
      onError: options.log,
    });
    started.set = new KernelSet(options, launcher, server);
    return started.set;
  }

  /** Resolves when the launcher has gone, and every kernel with it. */
  get closed(): Promise<undefined> {
    return this.launcher.closed;
  }

  /** Throws `LabError` "PowerOff" for a kernel that does not run. */
  agent(id: string): Agent {
    const kernel = this.#kernels.get(id);
    if (kernel === undefined) throw new LabError("PowerOff", `${id} has no power`);
    return kernel.agent;
  }

  runs(id: string): boolean {
    return this.#kernels.has(id);
  }

  pid(id: string): number | undefined {
    return this.#kernels.get(id)?.pid;
  }

  running(): string[] {
    return [...this.#kernels.keys()];
  }

  memory(): Promise<Readonly<Record<string, number>>> {
    return this.launcher.memory();
  }

  /** The folder of a kernel's disk, seed and console. */
  folder(id: string): string {
    return join(this.options.folder, "machines", id);
  }

  /** @throws LabError "ImageMissing" with the command that makes it */
  image(release: Machine["image"]): string {
    const path = this.options.files.image(release);
    if (path === undefined)
      throw new LabError(
        "ImageMissing",
        `the lab has no image of ${release} yet; \`${imageCommand(release)}\` makes it`,
      );
    return path;
  }

  /** Boots from the kernel's own disk, made from the image at the first time. Resolves when its agent answers. */
  async boot(options: BootOptions): Promise<Agent> {
    const { id } = options;
    if (this.#kernels.has(id) || this.#lines.has(id)) throw new LabError("PowerOn", `${id} already runs`);
    const folder = this.folder(id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "seed.tar"), options.seed, { mode: 0o600 });
    const line = new Deferred<Socket>();
    this.#lines.set(id, line);
    try {
      const pid = await this.launcher.boot({
        machine: id,
        kernel: this.options.files.kernel,
        arguments: this.#arguments(folder, options),
        console: join(folder, "console.log"),
        temporary: this.#memoryFolder(options.memoryMegabytes),
        serial: serialPath(this.options),
        cables: options.cables,
      });
      const agent = new Agent(await line.promise, id);
      this.#kernels.set(id, { agent, pid, memoryMegabytes: options.memoryMegabytes });
      await agent.ready(options.deadlineSeconds);
      return agent;
    } catch (error) {
      await this.kill(id);
      const why = error instanceof Error ? error.message : String(error);
      throw new LabError("BootFailed", `${id} did not boot: ${why}; see ${join(folder, "console.log")}`);
    } finally {
      this.#lines.delete(id);
    }
  }

  /** Power off, as pulling the plug: nothing in the guest is told. */
  async kill(id: string): Promise<void> {
    this.#asked.add(id);
    await this.launcher.kill(id).finally(() => this.#asked.delete(id));
    this.#forget(id);
  }

  /** Kills it and removes its disk. */
  async remove(id: string): Promise<void> {
    await this.kill(id);
    rmSync(this.folder(id), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.server.close();
    await this.launcher.close();
    for (const id of this.running()) this.#forget(id);
  }

  private exited(exit: KernelExit): void {
    const kernel = this.#kernels.get(exit.machine);
    this.#lines.get(exit.machine)?.reject(new LabError("BootFailed", `the kernel ended with ${exit.code}`));
    if (kernel === undefined || kernel.pid !== exit.pid) return;
    this.#forget(exit.machine);
    if (!this.#asked.has(exit.machine)) this.options.onExit(exit);
  }

  #forget(id: string): void {
    this.#kernels.get(id)?.agent.close();
    this.#kernels.delete(id);
  }

  #arguments(folder: string, options: BootOptions): string[] {
    return [
      `mem=${options.memoryMegabytes}M`,
      `ubd0=${join(folder, "disk.cow")},${this.image(options.image)}`,
      `ubd1r=${join(folder, "seed.tar")}`,
      "root=/dev/ubda",
      "rootfstype=ext4",
      "rw",
      `uml_dir=${join(this.options.runtime, "uml")}/`,
      // A hung kernel can then only be a bug of ours: a panic ends the process, and the exit is reported.
      "panic=1",
      // Where the kernel knows it: faster than ptrace. What runs inside is ours.
      "seccomp=auto",
      "con0=null,fd:1",
      "con=null",
      "ssl=null",
      "loglevel=4",
      ...options.words,
      ...(options.init.length > 0 ? ["--", ...options.init] : []),
    ];
  }

  /** A guest's memory is a deleted file; what the running ones were promised is not free any more. */
  #memoryFolder(megabytes: number): string {
    const promised = [...this.#kernels.values()].reduce(
      (sum, kernel) => sum + kernel.memoryMegabytes,
      megabytes,
    );
    return memoryFolder(promised * mebibyte);
  }

  #connected(socket: Socket): void {
    let heard = Buffer.alloc(0);
    socket.on("error", () => undefined);
    const hear = (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      const end = heard.indexOf("\n");
      if (end === -1) return;
      socket.off("data", hear);
      socket.pause();
      socket.unshift(heard.subarray(end + 1));
      const { machine } = helloSchema.parse(JSON.parse(heard.subarray(0, end).toString("utf8")));
      const waiting = this.#lines.get(machine);
      if (waiting === undefined) socket.destroy();
      else waiting.resolve(socket);
    };
    socket.on("data", hear);
  }
}

export interface KernelSetOptions {
  /** The lab's folder: disks and logs. */
  readonly folder: string;
  /** A folder with a short path, for sockets. */
  readonly runtime: string;
  readonly files: KernelFiles;
  readonly cables: number;
  readonly log: (line: string) => void;
  /** A kernel ended without being asked to: it was shut down from inside, or it crashed. */
  readonly onExit: (exit: KernelExit) => void;
}

const helloSchema = z.object({ machine: z.string() });

function serialPath(options: Pick<KernelSetOptions, "runtime">): string {
  return join(options.runtime, "serial.sock");
}
