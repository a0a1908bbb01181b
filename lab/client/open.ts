import { connect as connectSocket, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { z } from "zod";
import { answerSchema, type Request } from "../daemon/protocol";
import { labFolder } from "../folder";
import type { ObjectKind, World, WorldObject } from "../world/model";
import {
  type ExecOptions,
  type ExecResult,
  type Fault,
  type LabClient,
  LabError,
  type LabStatus,
} from "./client";
import { type Lateness, latenessSchema } from "./lateness";
import { Pipe } from "./pipe";

const resultSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });
const worldSchema = z.object({
  format: z.literal("trunkline.world/1"),
  objects: z.record(
    z.string(),
    z.custom<WorldObject>((value) => typeof value === "object" && value !== null),
  ),
});
const statusSchema = z.object({
  mode: z.enum(["kernels", "recorded"]),
  folder: z.string(),
  startedAt: z.string(),
  pid: z.number(),
  machines: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        power: z.enum(["on", "off", "booting"]),
        pid: z.number(),
        memoryBytes: z.number(),
      })
      .partial({ pid: true, memoryBytes: true }),
  ),
});

/** Seconds. A machine that boots on a busy host is the slowest thing that a call waits for. */
const deadlines = { quick: 30, change: 180, down: 60 };
/** The lab itself keeps an exec's deadline; the client only waits a little longer. */
const execGraceSeconds = 20;

/**
 * Opens a running lab.
 * @param folder as for `labFolder`
 * @throws LabError "LabDown" when none runs there
 */
export async function openLab(folder?: string): Promise<LabClient> {
  const paths = labFolder(folder);
  return openSocket(paths.socket, paths.folder);
}

/** @param socket path of the lab's socket (TRUNKLINE_LAB_SOCKET in engine children) */
export async function openSocket(socket: string, folder = ""): Promise<LabClient> {
  const pipe = await Pipe.open(socket);
  try {
    const status = statusSchema.parse(await pipe.ask({ op: "status" }, deadlines.quick));
    return new SocketClient(pipe, socket, status.mode, folder === "" ? status.folder : folder);
  } catch (error) {
    pipe.close();
    throw error;
  }
}

class SocketClient implements LabClient {
  constructor(
    private readonly pipe: Pipe,
    private readonly path: string,
    readonly mode: "kernels" | "recorded",
    readonly folder: string,
  ) {}

  async put(object: WorldObject): Promise<void> {
    await this.pipe.ask({ op: "put", object }, deadlines.change);
  }

  async remove(kind: ObjectKind, id: string): Promise<void> {
    await this.pipe.ask({ op: "remove", kind, objectId: id }, deadlines.change);
  }

  async get<K extends ObjectKind>(
    kind: K,
    id: string,
  ): Promise<Extract<WorldObject, { kind: K }> | undefined> {
    const { objects } = await this.world();
    const object = objects[id];
    return object !== undefined && isKind(object, kind) ? object : undefined;
  }

  async world(): Promise<World> {
    return worldSchema.parse(await this.pipe.ask({ op: "world" }, deadlines.quick));
  }

  async allocateAddress(): Promise<string> {
    return z.string().parse(await this.pipe.ask({ op: "allocateAddress" }, deadlines.quick));
  }

  async exec(host: string, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { stdin, deadlineSeconds = deadlines.quick } = options;
    const request: Request = {
      op: "exec",
      host,
      argv: [...argv],
      deadlineSeconds,
      ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin).toString("base64") }),
    };
    return resultSchema.parse(await this.pipe.ask(request, deadlineSeconds + execGraceSeconds));
  }

  connect(address: string, port: number): Promise<Duplex> {
    return this.#stream({ op: "connect", address, port });
  }

  shell(host: string, size: { readonly rows?: number; readonly columns?: number } = {}): Promise<Duplex> {
    return this.#stream({ op: "shell", host, ...size });
  }

  async power(machine: string, state: "on" | "off"): Promise<void> {
    await this.pipe.ask({ op: "power", machine, state }, deadlines.change);
  }

  async fault(fault: Fault): Promise<void> {
    await this.pipe.ask({ op: "fault", fault }, deadlines.change);
  }

  capture(host: string, filter: string): Promise<Duplex> {
    return this.#stream({ op: "capture", host, filter });
  }

  async lateness(step: "start" | "stop"): Promise<Readonly<Record<string, Lateness>>> {
    return z
      .record(z.string(), latenessSchema)
      .parse(await this.pipe.ask({ op: "lateness", step }, deadlines.quick));
  }

  async status(): Promise<LabStatus> {
    const { machines, ...rest } = statusSchema.parse(await this.pipe.ask({ op: "status" }, deadlines.quick));
    return {
      ...rest,
      machines: machines.map(({ pid, memoryBytes, ...machine }) => ({
        ...machine,
        ...(pid === undefined ? {} : { pid }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
      })),
    };
  }

  async down(): Promise<void> {
    await this.pipe.ask({ op: "down" }, deadlines.down);
    await this.pipe.closed(deadlines.quick);
  }

  close(): void {
    this.pipe.close();
  }

  async #stream(request: Request): Promise<Duplex> {
    const socket = await open(this.path);
    const late = setTimeout(
      () => socket.destroy(new LabError("LabSilent", "the lab did not answer")),
      1000 * deadlines.quick,
    );
    try {
      socket.write(`${JSON.stringify({ id: 1, ...request })}\n`);
      const answer = answerSchema.parse(JSON.parse(await firstLine(socket)));
      if (!answer.ok) throw new LabError(answer.code, answer.message);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }
}

function isKind<K extends ObjectKind>(
  object: WorldObject,
  kind: K,
): object is Extract<WorldObject, { kind: K }> {
  return object.kind === kind;
}

async function open(path: string): Promise<Socket> {
  const socket = connectSocket({ path, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", () => reject(new LabError("LabDown", `no lab answers at ${path}`)));
  });
  return socket;
}

/**
 * Reads up to the first line's end; what follows stays in the stream. By `readable`, because a stream that has been
 * paused by hand would not flow again for whoever listens to its `data` later.
 */
async function firstLine(socket: Socket): Promise<string> {
  let heard = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off("readable", hear);
      socket.off("error", failed);
      socket.off("end", ended);
    };
    const failed = (error: Error) => {
      settle();
      reject(error);
    };
    const ended = () => failed(new LabError("LabDown", "the lab closed the connection"));
    const hear = () => {
      const bytes: unknown = socket.read();
      if (!Buffer.isBuffer(bytes)) return;
      heard = Buffer.concat([heard, bytes]);
      const end = heard.indexOf("\n");
      if (end === -1) return;
      settle();
      if (end + 1 < heard.length) socket.unshift(heard.subarray(end + 1));
      resolve(heard.subarray(0, end).toString("utf8"));
    };
    socket.on("readable", hear);
    socket.on("error", failed);
    socket.on("end", ended);
  });
}
