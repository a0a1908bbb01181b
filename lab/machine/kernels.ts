import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { createHash } from "node:crypto";
import { z } from "zod";
import { type ExecOptions, type ExecResult, type Fault, LabError, type LabStatus } from "../client/client";
import type { Backend, Change, Fabric, FabricKernel, Host } from "../world/backend";
import type { Machine, World } from "../world/model";
import { Cables } from "./cables";
import { captureCommand } from "./capture";
import { freeDisk, fillDisk, killProcess } from "./faults";
import { type KernelFiles, KernelSet } from "./kernel-set";
import type { Lateness } from "../client/lateness";
import { LatenessWatch } from "./lateness";
import { type CloudDoors, cloudSeed, fabricSeed, isCloudImage, machineSeed } from "./seed";
import { seedOf } from "./seed-of";

export interface KernelsOptions {
  readonly folder: string;
  readonly runtime: string;
  readonly files: KernelFiles;
  readonly createFabric: (kernel: FabricKernel) => Fabric;
  readonly log: (line: string) => void;
  /** A machine ended by itself: `poweroff` inside it, or a crash. */
  readonly onPowerLost: (machine: string) => void;
}

/** Which of the files, by name, is the program that opens them. */
export interface DoorPrograms {
  readonly program: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Lines of JSON that come in at the clouds' doors; answers are written to the stream. */
export interface Doors {
  readonly lines: AsyncIterable<string>;
  readonly stream: Duplex;
}

const doorsSchema = z.object({ authority: z.string(), hash: z.string().regex(/^[0-9a-f]{8}$/) });

const cableCount = 64;
/** Each end of a region's route service is a router of its own with FRR's daemons: ten regions have 20, and fill 768. */
const fabricMegabytes = 2048;
const machineMegabytes = 320;
/** Of one that boots as on a cloud: cloud-init beside the daemons. */
const cloudMegabytes = 512;
const bootSeconds = 90;
const fabricId = "fabric";
const fabricImage = "debian-13";

/** The world made of kernels: machines of their own, and the fabric with everything else. */
export class Kernels implements Backend {
  readonly mode = "kernels";
  readonly #cables = new Cables(cableCount);
  readonly #watch = new LatenessWatch();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #booting = new Set<string>();
  #world: World | undefined;
  #doors: CloudDoors | undefined;

  private constructor(
    private readonly set: KernelSet,
    private readonly fabric: Fabric,
    private readonly options: KernelsOptions,
  ) {}

  static async start(options: KernelsOptions): Promise<Kernels> {
    const started: { kernels?: Kernels } = {};
    const { folder, runtime, files, log } = options;
    const onExit = ({ machine, code }: { machine: string; code: number }) => {
      log(`${machine} ended (${code})`);
      started.kernels?.powerLost(machine);
    };
    const set = await KernelSet.start({ folder, runtime, files, log, cables: cableCount, onExit });
    try {
      // Its disk holds nothing worth keeping: everything in the fabric follows from the world.
      await set.remove(fabricId);
      const agent = await set.boot({
        id: fabricId,
        image: fabricImage,
        seed: fabricSeed(),
        memoryMegabytes: fabricMegabytes,
        cables: Array.from({ length: cableCount }, (_, cable) => ({ end: "fabric", cable, device: cable })),
        // IPv6 where a network has it (fabric/ipv6.ts): a namespace that is made would else speak it until it is told not to.
        words: ["init=/usr/lib/trunkline-lab/start", "ipv6.disable_ipv6=1"],
        init: ["agent"],
        deadlineSeconds: bootSeconds,
      });
      const fabric = options.createFabric({ exec: (argv, execOptions) => agent.exec(argv, execOptions) });
      await fabric.start();
      started.kernels = new Kernels(set, fabric, options);
      return started.kernels;
    } catch (error) {
      await set.close();
      throw error;
    }
  }

  /** Resolves when the launcher or the fabric has gone: there is no lab without them. */
  get closed(): Promise<undefined> {
    return this.set.closed;
  }

  /** Opens the clouds' doors in the fabric: from now on machines are told of them. Resolves with what comes in there. */
  async openDoors(
    { program, files }: DoorPrograms,
    address: string,
    names: readonly string[],
  ): Promise<Doors> {
    const agent = this.set.agent(fabricId);
    const folder = "/run/fabric";
    for (const [name, text] of Object.entries(files))
      await agent.exec(["sh", "-c", `cat > ${folder}/${name}`], { stdin: text });
    const words = ["python3", "-EsB", `${folder}/${program}`, address, names.join(",")];
    const channel = agent.start(words, { stdin: true });
    channel.on("error", () => undefined);
    const lines = createInterface({ input: channel })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true)
      throw new LabError(
        "FabricFault",
        `the clouds' doors do not open: ${channel.errors().trim().slice(-1000)}`,
      );
    const { authority, hash } = doorsSchema.parse(JSON.parse(first.value));
    this.#doors = { authority, hash, address, names };
    return { lines: { [Symbol.asyncIterator]: () => lines }, stream: channel };
  }

  async apply(change: Change): Promise<void> {
    for (const { kind, id } of change.touched) {
      const object = change.after.objects[id];
      if (kind !== "machine" || object?.kind !== "machine") continue;
      // Before anything is made of it: the caller hears at once what to do.
      this.set.image(object.image);
      this.#cables.take(id);
    }
    await this.fabric.apply(change, this.#cables.devices());
    this.#world = change.after;
  }

  async settle(change: Change): Promise<void> {
    await Promise.all(
      change.touched.map(async ({ kind, id }) => {
        if (kind !== "machine") return;
        const machine = change.after.objects[id];
        if (machine?.kind !== "machine") await this.#inTurn(id, () => this.#scrap(id));
        else await this.#inTurn(id, () => this.#switch(machine, change.after, machine.power));
      }),
    );
  }

  async exec(host: Host, argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { agent, namespace } = this.#place(host);
    return agent.exec(argv, { ...options, namespace });
  }

  async connect(address: string, port: number): Promise<Duplex> {
    const { agent, namespace } = this.#place({ kind: "management" });
    return agent.connect(address, port, namespace);
  }

  async shell(host: Host, size: { readonly rows?: number; readonly columns?: number }): Promise<Duplex> {
    const { agent, namespace } = this.#place(host);
    return agent.terminal(["/bin/bash", "-l"], { namespace, ...size });
  }

  async power(machine: string, state: "on" | "off"): Promise<void> {
    const world = this.#world;
    const object = world?.objects[machine];
    if (world === undefined || object?.kind !== "machine")
      throw new LabError("NoSuchHost", `no machine "${machine}"`);
    await this.#inTurn(machine, () => this.#switch(object, world, state));
  }

  async fault(fault: Fault, host: Host | undefined, world: World): Promise<void> {
    switch (fault.do) {
      case "kill":
        return killProcess(this.#ownKernel(host), fault.process);
      case "fill-disk":
        return fillDisk(this.#ownKernel(host));
      case "cut":
      case "path":
        return this.fabric.fault(fault, world);
      case "mend":
        await this.fabric.fault(fault, world);
        if (host?.kind === "machine" && this.set.runs(host.id)) await freeDisk(this.set.agent(host.id));
    }
  }

  async capture(host: Host, filter: string): Promise<Duplex> {
    const tap = this.fabric.tapOf(host);
    const { agent, namespace } =
      tap === undefined ? this.#place(host) : { agent: this.set.agent(fabricId), ...tap };
    const channel = agent.start(captureCommand(tap?.device ?? "any", filter), { namespace, stdin: true });
    channel.on("error", () => undefined);
    // tcpdump writes the file's header as soon as it listens: whoever has the stream misses nothing that comes later.
    await new Promise<void>((resolve) => {
      channel.once("readable", resolve);
      channel.once("close", resolve);
      channel.once("end", resolve);
    });
    if (channel.readableLength === 0) {
      const why = channel.errors().trim();
      throw new LabError("CaptureFailed", why === "" ? "tcpdump did not start" : why);
    }
    return channel;
  }

  async machines(world: World): Promise<LabStatus["machines"]> {
    const memory = await this.set.memory();
    const machines = Object.values(world.objects).filter((object) => object.kind === "machine");
    return [{ id: fabricId, name: fabricId }, ...machines].map(({ id, name }) => {
      const pid = this.set.pid(id);
      const power = this.#booting.has(id) ? "booting" : pid === undefined ? "off" : "on";
      const bytes = memory[id];
      return {
        id,
        name,
        power,
        ...(pid === undefined ? {} : { pid }),
        ...(bytes === undefined ? {} : { memoryBytes: bytes }),
      };
    });
  }

  async lateness(step: "start" | "stop"): Promise<Readonly<Record<string, Lateness>>> {
    if (step === "stop") return this.#watch.stop();
    const running = this.set.running().filter((id) => !this.#booting.has(id));
    await this.#watch.start(running.map((id) => ({ id, agent: this.set.agent(id) })));
    return {};
  }

  async close(): Promise<void> {
    await this.set.close();
  }

  private powerLost(machine: string): void {
    if (machine === fabricId) {
      this.options.log("the fabric has ended: the lab ends with it");
      void this.set.close();
      return;
    }
    void this.#inTurn(machine, async () => {
      if (this.set.runs(machine)) return;
      await this.fabric.link(machine, "down");
      this.options.onPowerLost(machine);
    }).catch((error: unknown) => this.options.log(`${machine}: ${String(error)}`));
  }

  async #switch(machine: Machine, world: World, state: "on" | "off"): Promise<void> {
    const { id } = machine;
    if ((state === "on") === this.set.runs(id)) return;
    if (state === "off") {
      // The line goes dark first: a dying kernel must not say goodbye (no FIN, no BFD AdminDown).
      await this.fabric.link(id, "down");
      await this.set.kill(id);
      return;
    }
    const cable = this.#cables.take(id);
    const seed = { ...seedOf(machine, world), cloud: this.#doors };
    const own = isCloudImage(machine.image)
      ? {
          seed: cloudSeed(id, this.#doors),
          memoryMegabytes: cloudMegabytes,
          cables: [{ end: "machine", cable, device: 0, mac: seed.mac }] as const,
          words: cloudWords,
        }
      : {
          seed: machineSeed(seed),
          memoryMegabytes: machineMegabytes,
          cables: [{ end: "machine", cable, device: 0 }] as const,
          words: [`systemd.machine_id=${machineId(id)}`, "systemd.condition_first_boot=false"],
        };
    this.#booting.add(id);
    try {
      await this.fabric.link(id, "up");
      await this.set.boot({ id, image: machine.image, ...own, init: [], deadlineSeconds: bootSeconds });
    } finally {
      this.#booting.delete(id);
    }
  }

  async #scrap(id: string): Promise<void> {
    await this.set.remove(id);
    this.#cables.release(id);
  }

  #place(host: Host) {
    if (host.kind === "machine") return { agent: this.set.agent(host.id), namespace: undefined };
    const agent = this.set.agent(fabricId);
    if (host.kind === "fabric") return { agent, namespace: undefined };
    const namespace = this.fabric.namespaceOf(host);
    if (namespace === undefined) throw new LabError("NoSuchHost", `${host.kind} has no place in the fabric`);
    return { agent, namespace };
  }

  #ownKernel(host: Host | undefined) {
    if (host?.kind !== "machine")
      throw new LabError("NotAMachine", "only a machine has processes and a disk of its own");
    return this.set.agent(host.id);
  }

  #inTurn<T>(id: string, step: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(step);
    this.#turns.set(
      id,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

/**
 * A cloud's machine finds out by itself who it is. Its kernel has drivers in modules, and so no device that nobody asked
 * for: cloud-init takes a `dummy0` for the first interface and waits there for five minutes for an answer to DHCP.
 * @see Linux, "The kernel's command-line parameters" (fb_tunnels); drivers/net/dummy.c and ifb.c
 */
const cloudWords: readonly string[] = ["dummy.numdummies=0", "ifb.numifbs=0", "fb_tunnels=none"];

function machineId(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}
