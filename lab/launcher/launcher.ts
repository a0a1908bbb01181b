import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { z } from "zod";
import { LabError } from "../client/client";
import { Deferred } from "../machine/deferred";

export interface BootRequest {
  readonly machine: string;
  readonly kernel: string;
  /** The kernel's command line but for cables and serial line, which the launcher adds. */
  readonly arguments: readonly string[];
  /** File that gets what the kernel prints. */
  readonly console: string;
  /** Folder for the file that backs the guest's memory. */
  readonly temporary: string;
  /** Unix socket that the kernel's serial line is connected to; the first line on it names the machine. */
  readonly serial: string;
  readonly cables: readonly {
    readonly end: "fabric" | "machine";
    readonly cable: number;
    readonly device: number;
    /** The guest's device has this address from the start, and can go down and come up again. */
    readonly mac?: string;
  }[];
}

export interface KernelExit {
  readonly machine: string;
  readonly pid: number;
  /** Negative: the signal that ended it. */
  readonly code: number;
}

const heardSchema = z.union([
  z.object({ event: z.literal("ready"), pid: z.number() }),
  z.object({ event: z.literal("exit"), machine: z.string(), pid: z.number(), code: z.number() }),
  z.object({
    id: z.number(),
    ok: z.boolean(),
    message: z.string().optional(),
    pid: z.number().optional(),
    memory: z.record(z.string(), z.number()).optional(),
  }),
]);
type Answer = Extract<z.infer<typeof heardSchema>, { id: number }>;

const deadlineMilliseconds = 15_000;

/** `launcher.py` as a child process: see there for what it promises. */
export class Launcher {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Deferred<Answer>>();
  readonly #ready = new Deferred<undefined>();
  readonly #closed = new Deferred<undefined>();
  #next = 1;

  private constructor(
    cables: number,
    private readonly onExit: (exit: KernelExit) => void,
    private readonly onError: (line: string) => void,
  ) {
    const program = join(__dirname, "launcher.py");
    this.#child = spawn("python3", ["-I", program, String(cables)], {
      stdio: ["pipe", "pipe", "pipe"],
      cwd: "/",
    });
    const { stdout, stderr, stdin } = this.#child;
    stdin?.on("error", () => undefined);
    if (stdout !== null) createInterface(stdout).on("line", (line) => this.#hear(line));
    if (stderr !== null) createInterface(stderr).on("line", (line) => this.onError(`launcher: ${line}`));
    this.#child.on("error", (error) => this.#gone(`the launcher did not start: ${error.message}`));
    this.#child.on("exit", (code, signal) => this.#gone(`the launcher ended (${signal ?? code})`));
  }

  static async start(options: {
    readonly cables: number;
    readonly onExit: (exit: KernelExit) => void;
    readonly onError: (line: string) => void;
  }): Promise<Launcher> {
    const launcher = new Launcher(options.cables, options.onExit, options.onError);
    await launcher.#ready.promise;
    return launcher;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the launcher has ended, by whatever cause: its kernels have ended with it. */
  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }

  async boot(request: BootRequest): Promise<number> {
    const { pid } = await this.#ask({ do: "boot", ...request });
    if (pid === undefined) throw new LabError("LauncherFault", "the launcher named no process");
    return pid;
  }

  /** Resolves when no process of the machine is left. */
  async kill(machine: string): Promise<void> {
    await this.#ask({ do: "kill", machine });
  }

  async memory(): Promise<Readonly<Record<string, number>>> {
    return (await this.#ask({ do: "memory" })).memory ?? {};
  }

  /** Ends all kernels, then the launcher. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#closed.promise;
  }

  async #ask(request: object): Promise<Answer> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Deferred<Answer>();
    this.#waiting.set(id, answer);
    const late = new LabError("LauncherSilent", "the launcher did not answer");
    const timer = setTimeout(() => answer.reject(late), deadlineMilliseconds);
    this.#child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    const result = await answer.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
    if (!result.ok) throw new LabError("LauncherFault", result.message ?? "the launcher failed");
    return result;
  }

  #hear(line: string): void {
    const heard = heardSchema.parse(JSON.parse(line));
    if ("id" in heard) this.#waiting.get(heard.id)?.resolve(heard);
    else if (heard.event === "ready") this.#ready.resolve(undefined);
    else this.onExit(heard);
  }

  #gone(why: string): void {
    const error = new LabError("LauncherGone", why);
    this.#ready.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#closed.resolve(undefined);
  }
}
