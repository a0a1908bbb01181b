import { Duplex } from "node:stream";
import { z } from "zod";
import { LabError } from "../client/client";
import { Deferred } from "./deferred";
import { frameType, windowBytes } from "./frames";

/** How a program or connection in a lab kernel ended. */
export interface Outcome {
  /** Exit status; 128 + the signal's number when one ended it, as shells count. */
  readonly code: number;
  readonly timedOut: boolean;
}

const endSchema = z.object({
  code: z.number().int().optional(),
  timedOut: z.boolean().optional(),
  error: z.object({ code: z.string(), message: z.string(), errno: z.string().nullish() }).optional(),
});

/** What a channel needs of its line. */
export interface ChannelLine {
  send(type: number, channel: number, payload: Buffer): void;
  release(channel: number): void;
}

const pieceBytes = 16 * 1024;
/** Kept of a program's standard error; more would only fill the host's memory. */
const errorsBytes = 1024 * 1024;

/**
 * One program or TCP connection in a lab kernel as a stream: written bytes are its input, read bytes its output.
 * Ends with `outcome`; destroyed with a `LabError` when it could not be made or the machine has gone.
 */
export class Channel extends Duplex {
  readonly #opened = new Deferred<undefined>();
  readonly #outcome = new Deferred<Outcome>();
  #credit = windowBytes;
  #owed = 0;
  #unsent: { bytes: Buffer; done: (error?: Error | null) => void } | undefined;
  #errors: Buffer[] = [];
  #errorsKept = 0;
  #over = false;

  constructor(
    private readonly line: ChannelLine,
    readonly number: number,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: windowBytes, writableHighWaterMark: pieceBytes });
  }

  get opened(): Promise<undefined> {
    return this.#opened.promise;
  }

  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /** Standard error so far, its first mebibyte. */
  errors(): string {
    return Buffer.concat(this.#errors).toString("utf8");
  }

  resize(rows: number, columns: number): void {
    if (!this.#over)
      this.line.send(frameType.resize, this.number, Buffer.from(JSON.stringify({ rows, columns })));
  }

  /** A frame of this channel has come. */
  hear(type: number, payload: Buffer): void {
    switch (type) {
      case frameType.data:
        this.#owed += payload.length;
        if (this.push(payload)) this.#repay();
        return;
      case frameType.errors:
        this.#keepErrors(payload);
        this.#owed += payload.length;
        this.#repay();
        return;
      case frameType.eof:
        this.push(null);
        return;
      case frameType.credit:
        this.#credit += payload.readUInt32BE(0);
        this.#flush();
        return;
      case frameType.opened:
        this.#opened.resolve(undefined);
        return;
      case frameType.end:
        this.#end(payload);
    }
  }

  /** The line or the machine has gone: nothing more will be heard. */
  fail(error: Error): void {
    this.#finish(error);
    this.destroy(error);
  }

  override _read(): void {
    this.#repay();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#unsent = { bytes, done };
    this.#flush();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#over) this.line.send(frameType.eof, this.number, Buffer.alloc(0));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#over) {
      this.line.send(frameType.close, this.number, Buffer.alloc(0));
      this.#finish(error ?? new LabError("Closed", "the stream was closed"));
    }
    done(error);
  }

  #repay(): void {
    // A quarter of the window at a time: each credit is a frame that the kernel reads byte by byte.
    if (this.#over || this.#owed < windowBytes / 4) return;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(this.#owed);
    this.#owed = 0;
    this.line.send(frameType.credit, this.number, payload);
  }

  #flush(): void {
    while (this.#unsent !== undefined) {
      const { bytes, done } = this.#unsent;
      if (this.#over) {
        this.#unsent = undefined;
        return done();
      }
      const count = Math.min(bytes.length, this.#credit, pieceBytes);
      if (count === 0 && bytes.length > 0) return;
      if (count > 0) this.line.send(frameType.data, this.number, bytes.subarray(0, count));
      this.#credit -= count;
      this.#unsent = count < bytes.length ? { bytes: bytes.subarray(count), done } : undefined;
      if (count === bytes.length) done();
    }
  }

  #keepErrors(bytes: Buffer): void {
    const kept = bytes.subarray(0, errorsBytes - this.#errorsKept);
    this.#errorsKept += kept.length;
    if (kept.length > 0) this.#errors.push(kept);
  }

  #end(payload: Buffer): void {
    const parsed = endSchema.safeParse(JSON.parse(payload.toString("utf8")));
    const end = parsed.data ?? {
      error: { code: "ProtocolFault", message: "the agent's answer makes no sense" },
    };
    if (end.error !== undefined && end.error.code !== "Closed")
      return this.fail(new LabError(end.error.code, end.error.message));
    this.#finish({ code: end.code ?? 0, timedOut: end.timedOut ?? false });
    if (!this.readableEnded) this.push(null);
    this.#flush();
    if (!this.writableEnded) this.end();
  }

  #finish(result: Outcome | Error): void {
    if (this.#over) return;
    this.#over = true;
    this.line.release(this.number);
    if (result instanceof Error) {
      this.#opened.reject(result);
      this.#outcome.reject(result);
    } else {
      this.#opened.resolve(undefined);
      this.#outcome.resolve(result);
    }
  }
}
