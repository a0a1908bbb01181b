import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerSchema, type Request } from "../daemon/protocol";
import { Deferred } from "../machine/deferred";
import { LabError } from "./client";

/** One connection to the lab with any number of requests under way. */
export class Pipe {
  readonly #waiting = new Map<number, Deferred<unknown>>();
  #heard = "";
  #next = 1;
  #gone: LabError | undefined;

  private constructor(private readonly socket: Socket) {
    // A client that waits for nothing does not keep its process alive.
    socket.unref();
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#hear(text));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#end(new LabError("LabDown", "the lab has ended")));
  }

  /** @throws LabError "LabDown" */
  static async open(path: string): Promise<Pipe> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", () =>
        reject(new LabError("LabDown", `no lab answers at ${path}; start one with \`lab up\``)),
      );
    });
    return new Pipe(socket);
  }

  async ask(request: Request, deadlineSeconds: number): Promise<unknown> {
    if (this.#gone !== undefined) throw this.#gone;
    const id = this.#next;
    this.#next += 1;
    const answer = new Deferred<unknown>();
    this.#waiting.set(id, answer);
    this.socket.ref();
    const late = new LabError(
      "LabSilent",
      `the lab did not answer "${request.op}" within ${deadlineSeconds} s`,
    );
    const timer = setTimeout(() => answer.reject(late), deadlineSeconds * 1000);
    this.socket.write(`${JSON.stringify({ id, ...request })}\n`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.socket.unref();
    }
  }

  /**
   * Until the lab has closed the connection: the last thing that it does.
   * @throws LabError "LabSilent"
   */
  async closed(deadlineSeconds: number): Promise<void> {
    if (this.socket.closed) return;
    this.socket.ref();
    try {
      await once(this.socket, "close", { signal: AbortSignal.timeout(deadlineSeconds * 1000) });
    } catch {
      throw new LabError("LabSilent", `the lab did not end within ${deadlineSeconds} s`);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#end(new LabError("Closed", "the connection to the lab was closed"));
    this.socket.destroy();
  }

  #hear(text: string): void {
    const lines = (this.#heard + text).split("\n");
    this.#heard = lines.pop() ?? "";
    for (const line of lines) {
      const answer = answerSchema.parse(JSON.parse(line));
      const waiting = this.#waiting.get(answer.id);
      if (answer.ok) waiting?.resolve(answer.value);
      else waiting?.reject(new LabError(answer.code, answer.message));
    }
  }

  #end(error: LabError): void {
    this.#gone ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
  }
}
