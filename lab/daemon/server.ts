import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LabError } from "../client/client";
import { type Answer, envelopeSchema, type Request, requestSchema } from "./protocol";

/** What a request leads to: a value, or a stream that the connection turns into. */
export type Reply = { readonly value: unknown } | { readonly stream: Duplex };

/** No request is longer: user data and standard input of programs are the largest parts. */
const longestLine = 64 * 1024 * 1024;

/**
 * Serves the lab's socket. What a request has begun goes on when the client has gone: only its answer is thrown away.
 * The folder of the socket is the user's alone, and so is the socket (mode 0600 by the process's umask).
 */
export async function serve(path: string, handle: (request: Request) => Promise<Reply>): Promise<LabServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Connection(socket, handle);
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    stop: () => void server.close(),
    hangUp: async () => {
      // Answers to what has just been done are written in this turn of the loop.
      await nextTurn();
      const closed = [...sockets].map((socket) =>
        once(socket, "close", { signal: AbortSignal.timeout(hangUpMs) }),
      );
      for (const socket of sockets) socket.end().resume();
      await Promise.allSettled(closed);
    },
  };
}

export interface LabServer {
  /** No more connections; those that are there go on. */
  stop(): void;
  /** Ends the connections, each after its last answer. */
  hangUp(): Promise<void>;
}

const hangUpMs = 1000;

class Connection {
  #heard: Buffer = Buffer.alloc(0);
  #streaming = false;

  constructor(
    private readonly socket: Socket,
    private readonly handle: (request: Request) => Promise<Reply>,
  ) {
    socket.on("error", () => socket.destroy());
    socket.on("data", this.#hear);
    socket.on("end", this.#ended);
  }

  readonly #ended = (): void => {
    if (!this.#streaming) this.socket.end();
  };

  readonly #hear = (bytes: Buffer): void => {
    this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
    if (this.#heard.length > longestLine) return void this.socket.destroy();
    while (!this.#streaming) {
      const end = this.#heard.indexOf("\n");
      if (end === -1) return;
      const line = this.#heard.subarray(0, end).toString("utf8");
      this.#heard = this.#heard.subarray(end + 1);
      void this.#serve(line);
    }
  };

  async #serve(line: string): Promise<void> {
    let id = 0;
    try {
      const asked: unknown = JSON.parse(line);
      id = envelopeSchema.parse(asked).id;
      const request = requestSchema.parse(asked);
      if (isStreaming(request)) this.#pause();
      const reply = await this.handle(request);
      if ("stream" in reply) this.#become(id, reply.stream);
      else this.#answer({ id, ok: true, value: reply.value });
    } catch (error) {
      this.#answer(refusal(id, error));
      this.#resume();
    }
  }

  /** What follows a request for a stream belongs to the stream. */
  #pause(): void {
    this.#streaming = true;
    this.socket.off("data", this.#hear);
    this.socket.pause();
  }

  #resume(): void {
    if (!this.#streaming) return;
    // A refused stream: the connection has served its purpose.
    this.socket.end();
    this.socket.resume();
  }

  #become(id: number, stream: Duplex): void {
    const { socket } = this;
    if (socket.destroyed) return void stream.destroy();
    this.#answer({ id, ok: true, value: null });
    if (this.#heard.length > 0) socket.unshift(this.#heard);
    stream.on("error", () => socket.destroy());
    stream.on("close", () => socket.end());
    socket.on("close", () => stream.destroy());
    socket.pipe(stream);
    stream.pipe(socket);
  }

  #answer(answer: Answer): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(answer)}\n`);
  }
}

function isStreaming(request: Request): boolean {
  return request.op === "connect" || request.op === "shell" || request.op === "capture";
}

function refusal(id: number, error: unknown): Answer {
  if (error instanceof LabError) return { id, ok: false, code: error.code, message: error.message };
  if (error instanceof Error && error.name === "ZodError")
    return { id, ok: false, code: "BadRequest", message: error.message };
  return {
    id,
    ok: false,
    code: "LabFault",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
