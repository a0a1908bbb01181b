import { appendFileSync, closeSync, mkdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "../../tools/setup/artifacts";
import type { ImageName } from "../../tools/setup/recipes";
import { LabError } from "../client/client";
import { answerDoors } from "../clouds/aws/api/doors";
import type { TableStore } from "../clouds/aws/api/ec2";
import { regionNames } from "../clouds/aws/regions";
import { createFabric } from "../fabric/fabric";
import { labFolder, type LabFolder } from "../folder";
import { Kernels } from "../machine/kernels";
import { installPlugins } from "../plugins";
import type { Backend } from "../world/backend";
import { labInternet } from "../world/model";
import { createRecorded } from "../world/recorded";
import { findHost } from "./hosts";
import { Lab } from "./lab";
import { lockFolder } from "./lock";
import type { Birth, Request } from "./protocol";
import { type LabServer, type Reply, serve } from "./server";
import { clearFolder, writeWrapper } from "./wrapper";

/**
 * The process that holds a lab: started detached by `up` (lab/commands.ts) with the folder and the mode as arguments,
 * ends by `down`, or when its fabric has gone. Tells its starter about its birth on descriptor 3.
 */
async function main(folder: string, mode: string): Promise<void> {
  process.umask(0o077);
  const paths = labFolder(folder);
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  mkdirSync(paths.runtime, { recursive: true, mode: 0o700 });
  const log = (line: string) => appendFileSync(paths.log, `${new Date().toISOString()} ${line}\n`);
  process.on("uncaughtException", (error) => log(`uncaught: ${error.stack ?? error.message}`));
  process.on("unhandledRejection", (error) => log(`unhandled: ${String(error)}`));
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => log(`${signal} ignored`));
  try {
    const lock = lockFolder(paths.lock);
    tell({ progress: mode === "recorded" ? "Starting the recorded world" : "Booting the fabric kernel" });
    const daemon = await Daemon.start(paths, mode, log);
    process.on("SIGTERM", () => void daemon.end("keep").finally(() => process.exit(0)));
    tell({ ready: true });
    closeSync(birthDescriptor);
    log(`ready, ${mode}`);
    await daemon.ended;
    lock.release();
    log("ended");
    // Who asked for the end may remove the folder as soon as its connection closes: from here on nothing is written.
    await daemon.hangUp();
    process.exit(0);
  } catch (error) {
    const code =
      error instanceof LabError || (error instanceof Error && error.name === "SetupMissing")
        ? error
        : undefined;
    const message = error instanceof Error ? error.message : String(error);
    log(`failed: ${error instanceof Error ? (error.stack ?? message) : message}`);
    tell({ failed: { code: code instanceof LabError ? code.code : (code?.name ?? "LabFault"), message } });
    process.exit(1);
  }
}

const birthDescriptor = 3;

function tell(birth: Birth): void {
  try {
    writeSync(birthDescriptor, `${JSON.stringify(birth)}\n`);
  } catch {
    // Whoever started us has gone; the lab is there for the next.
  }
}

class Daemon {
  readonly #startedAt = new Date().toISOString();
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  #ending: Promise<void> | undefined;
  #server: LabServer | undefined;

  private constructor(
    private readonly paths: LabFolder,
    private readonly backend: Backend,
    private readonly lab: Lab,
    private readonly log: (line: string) => void,
  ) {
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  static async start(paths: LabFolder, mode: string, log: (line: string) => void): Promise<Daemon> {
    const started: { daemon?: Daemon } = {};
    const backend = await startBackend(paths, mode, log, (machine) => {
      started.daemon?.lab.noticePower(machine, "off").catch((error: unknown) => log(String(error)));
    });
    const daemon = new Daemon(paths, backend, new Lab(backend, paths.world), log);
    started.daemon = daemon;
    if (backend instanceof Kernels) void backend.closed.then(() => daemon.end("keep"));
    try {
      if (backend instanceof Kernels) await openClouds(backend, daemon.lab, log);
      writeWrapper(paths, backend.mode);
      installPlugins(paths.pulumiHome);
      tell({ progress: "Restoring the world" });
      await daemon.lab.restore();
      daemon.#server = await serve(paths.socket, (request) => daemon.handle(request));
      return daemon;
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  async hangUp(): Promise<void> {
    await this.#server?.hangUp();
  }

  /** `clear` removes what the lab has made; `keep` leaves disks and world for the next `up`. */
  end(then: "clear" | "keep"): Promise<void> {
    this.#ending ??= (async () => {
      this.#server?.stop();
      await this.backend.close();
      rmSync(this.paths.socket, { force: true });
      if (then === "clear") clearFolder(this.paths);
      this.#end();
    })();
    return this.#ending;
  }

  private async handle(request: Request): Promise<Reply> {
    const { backend, lab } = this;
    const host = (wanted: string) => findHost(lab.world, wanted);
    switch (request.op) {
      case "put":
        return done(lab.put(request.object));
      case "remove":
        return done(lab.remove(request.kind, request.objectId));
      case "world":
        return { value: lab.world };
      case "allocateAddress":
        return { value: lab.allocateAddress() };
      case "exec": {
        const { argv, stdin, deadlineSeconds } = request;
        const options = {
          ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin, "base64") }),
          ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }),
        };
        return { value: await backend.exec(host(request.host), argv, options) };
      }
      case "connect":
        return { stream: await backend.connect(request.address, request.port) };
      case "shell": {
        const { rows, columns } = request;
        const size = {
          ...(rows === undefined ? {} : { rows }),
          ...(columns === undefined ? {} : { columns }),
        };
        return { stream: await backend.shell(host(request.host), size) };
      }
      case "power":
        return done(lab.power(machineId(lab, request.machine), request.state));
      case "fault": {
        const { fault } = request;
        const at = fault.do === "path" ? undefined : host(fault.host);
        const exact =
          fault.do !== "path" && at !== undefined && "id" in at ? { ...fault, host: at.id } : fault;
        return done(lab.fault(exact, at));
      }
      case "capture":
        return { stream: await backend.capture(host(request.host), request.filter) };
      case "lateness":
        return { value: await backend.lateness(request.step) };
      case "ssh": {
        if (backend.ssh === undefined)
          throw new LabError("NotRecorded", "with kernels the system's own ssh runs");
        const { argv, stdin, workingDirectory } = request;
        return { value: await backend.ssh({ argv, workingDirectory, stdin: Buffer.from(stdin, "base64") }) };
      }
      case "status": {
        const machines = await backend.machines(lab.world);
        const { folder } = this.paths;
        return {
          value: { mode: backend.mode, folder, startedAt: this.#startedAt, pid: process.pid, machines },
        };
      }
      case "down":
        this.log("down");
        return done(this.end("clear"));
    }
  }
}

async function startBackend(
  paths: LabFolder,
  mode: string,
  log: (line: string) => void,
  onPowerLost: (machine: string) => void,
): Promise<Backend> {
  if (mode === "recorded") return createRecorded(join(paths.folder, "recorded"));
  const { kernel } = artifacts();
  // Asked at each boot: an image that is made meanwhile needs no new lab.
  const image = (release: ImageName) => artifacts().images[release];
  const { folder, runtime } = paths;
  return Kernels.start({ folder, runtime, files: { kernel, image }, createFabric, log, onPowerLost });
}

/** The clouds' APIs and metadata services, answered here. */
async function openClouds(kernels: Kernels, lab: Lab, log: (line: string) => void): Promise<void> {
  const files = ["cloud_doors.py", "dhcp.py", "resolver.py"].map((name) => [
    name,
    readFileSync(join(__dirname, "..", "fabric", name), "utf8"),
  ]);
  const programs = { program: "cloud_doors.py", files: Object.fromEntries(files) };
  const names = regionNames.map((region) => `ec2.${region}.amazonaws.com`);
  const { lines, stream } = await kernels.openDoors(programs, labInternet.api, names);
  const store: TableStore = {
    get world() {
      return lab.world;
    },
    changeTable: (id, step) =>
      lab.change(id, (object, world) => {
        if (object.kind !== "routeTable")
          throw new LabError("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`);
        return step(object, world);
      }),
    changeAddress: (id, step) =>
      lab.change(id, (object, world) => {
        if (object.kind !== "publicAddress")
          throw new LabError("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`);
        return step(object, world);
      }),
  };
  answerDoors(lines, stream, store, log);
}

function machineId(lab: Lab, wanted: string): string {
  const host = findHost(lab.world, wanted);
  if (host.kind !== "machine") throw new LabError("NotAMachine", `"${wanted}" has no power switch`);
  return host.id;
}

async function done(step: Promise<void>): Promise<Reply> {
  await step;
  return { value: null };
}

void main(process.argv[2] ?? ".trunkline/lab", process.argv[3] ?? "kernels");
