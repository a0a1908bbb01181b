import type { Duplex } from "node:stream";
import { z } from "zod";
import { type ExecOptions, type ExecResult, LabError } from "../client/client";
import { Channel, type ChannelLine } from "./channel";
import { Deferred } from "./deferred";
import { encodeFrame, FrameParser, frameType, lineWindowBytes } from "./frames";

export interface AgentExecOptions extends ExecOptions {
  /** Network namespace by the name that `ip netns` knows; absent: the kernel's first. */
  readonly namespace?: string | undefined;
}

export interface TerminalOptions {
  readonly namespace?: string | undefined;
  readonly rows?: number;
  readonly columns?: number;
}

const defaultDeadlineSeconds = 30;
/** The agent ends what is late; the host only waits longer for an agent that does not answer at all. */
const graceSeconds = 10;
const pingMilliseconds = 2_000;
const echoMilliseconds = 5_000;
const longestOutputBytes = 256 * 1024 * 1024;

const readySchema = z.object({ nonce: z.string(), boot: z.string(), uptime: z.number() });

/**
 * The host's end of one kernel's serial line. Survives restarts of the agent and reboots of the guest on the same
 * line: each READY fails what was open (`LabError` "AgentRestarted") and starts anew.
 */
export class Agent implements ChannelLine {
  readonly #parser = new FrameParser();
  readonly #channels = new Map<number, Channel>();
  #nextChannel = 1;
  #sequence = 0;
  #expected = 0;
  #greeted = false;
  #gone: LabError | undefined;
  #pinging: NodeJS.Timeout | undefined;
  /** Frames not yet on the line, and what is on it: bytes since HELLO. */
  readonly #queue: Buffer[] = [];
  #written = 0;
  #read = 0;
  #nonce = "";
  #greetedAt = 0;
  #waiters: Deferred<undefined>[] = [];
  /** Seconds after the kernel's start at which the agent was there. */
  uptimeSeconds = 0;
  bootId = "";

  constructor(
    private readonly line: Duplex,
    readonly name: string,
  ) {
    line.on("data", (bytes: Buffer) => this.#hear(bytes));
    line.resume();
    line.on("error", () => undefined);
    line.on("close", () => this.#end(new LabError("MachineGone", `${name} has lost its power`)));
  }

  /** Resolves when the agent answers. Fails with `AgentSilent` after the deadline, `MachineGone` when it died. */
  async ready(deadlineSeconds: number): Promise<void> {
    if (this.#gone !== undefined) throw this.#gone;
    if (this.#greeted) return;
    const heard = new Deferred<undefined>();
    this.#waiters.push(heard);
    const late = new LabError("AgentSilent", `${this.name} did not answer within ${deadlineSeconds} s`);
    const timer = setTimeout(() => heard.reject(late), deadlineSeconds * 1000);
    await heard.promise.finally(() => clearTimeout(timer));
  }

  async exec(argv: readonly string[], options: AgentExecOptions = {}): Promise<ExecResult> {
    const seconds = options.deadlineSeconds ?? defaultDeadlineSeconds;
    const channel = this.#open({
      kind: "exec",
      argv,
      namespace: options.namespace,
      stdin: options.stdin !== undefined,
      deadlineSeconds: seconds,
    });
    const late = new LabError("DeadlineExceeded", `${this.name}: ${argv[0]} did not end within ${seconds} s`);
    const timer = setTimeout(() => channel.fail(late), (seconds + graceSeconds) * 1000);
    try {
      const output: Buffer[] = [];
      let bytes = 0;
      channel.on("data", (piece: Buffer) => {
        output.push(piece);
        bytes += piece.length;
        if (bytes > longestOutputBytes)
          channel.fail(new LabError("OutputTooLong", `${argv[0]} printed too much`));
      });
      channel.on("error", () => undefined);
      if (options.stdin !== undefined) channel.end(options.stdin);
      const { code, timedOut } = await channel.outcome;
      if (timedOut) throw late;
      return { code, stdout: Buffer.concat(output).toString("utf8"), stderr: channel.errors() };
    } finally {
      clearTimeout(timer);
    }
  }

  /** A program whose output is a stream; `channel.outcome` tells how it ended, destroying it kills it. */
  start(
    argv: readonly string[],
    options: { readonly namespace?: string | undefined; readonly stdin?: boolean },
  ): Channel {
    return this.#open({ kind: "exec", argv, namespace: options.namespace, stdin: options.stdin ?? false });
  }

  async connect(address: string, port: number, namespace?: string, deadlineSeconds = 15): Promise<Duplex> {
    const channel = this.#open({ kind: "connect", address, port, namespace, deadlineSeconds });
    channel.on("error", () => undefined);
    await channel.opened;
    return channel;
  }

  terminal(argv: readonly string[], options: TerminalOptions): Channel {
    return this.#open({ kind: "terminal", argv, ...options });
  }

  close(): void {
    this.line.destroy();
    this.#end(new LabError("Closed", `the line to ${this.name} was closed`));
  }

  send(type: number, channel: number, payload: Buffer): void {
    if (this.#gone === undefined && this.#greeted) this.#write(type, channel, payload);
  }

  release(channel: number): void {
    this.#channels.delete(channel);
    if (this.#channels.size > 0) return;
    clearInterval(this.#pinging);
    this.#pinging = undefined;
  }

  /** A damaged frame is noticed by the gap before the next one: while somebody waits, there is a next one soon. */
  #ping(): void {
    this.send(frameType.ping, 0, Buffer.alloc(0));
  }

  #open(asked: object): Channel {
    const channel = new Channel(this, this.#nextChannel);
    this.#nextChannel += 1;
    if (this.#gone !== undefined || !this.#greeted) {
      const error = this.#gone ?? new LabError("AgentSilent", `${this.name} has not answered yet`);
      channel.on("error", () => undefined);
      channel.fail(error);
      return channel;
    }
    this.#channels.set(channel.number, channel);
    this.#pinging ??= setInterval(() => this.#ping(), pingMilliseconds).unref();
    this.send(frameType.open, channel.number, Buffer.from(JSON.stringify(asked)));
    return channel;
  }

  #write(type: number, channel: number, payload: Buffer): void {
    this.#queue.push(encodeFrame({ type, channel, sequence: this.#sequence, payload }));
    this.#sequence += 1;
    this.#flush();
  }

  /** Sends as much as the kernel is sure to have room for (`agent/frames.py` says why). */
  #flush(): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const room = lineWindowBytes - (this.#written - this.#read);
      if (room <= 0) return;
      this.line.write(head.subarray(0, room));
      this.#written += Math.min(room, head.length);
      if (room < head.length) this.#queue[0] = head.subarray(room);
      else this.#queue.shift();
    }
  }

  #hear(bytes: Buffer): void {
    for (const frame of this.#parser.push(bytes)) {
      if (frame.type === frameType.ready) {
        this.#greet(frame.payload);
        continue;
      }
      // After a HELLO, frames of the time before may still be under way; the first of ours is number 0.
      if (!this.#greeted || frame.sequence !== this.#expected) {
        if (this.#greeted && this.#expected > 0) this.#lost();
        continue;
      }
      this.#expected += 1;
      if (frame.type === frameType.pong) this.#heardPong();
      else if (frame.type === frameType.read) this.#heardRead(frame.payload);
      else this.#channels.get(frame.channel)?.hear(frame.type, frame.payload);
    }
  }

  #heardPong(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(undefined);
  }

  #heardRead(payload: Buffer): void {
    this.#read = Number(payload.readBigUInt64BE(0));
    this.#flush();
  }

  #greet(payload: Buffer): void {
    const ready = readySchema.safeParse(JSON.parse(payload.toString("utf8")));
    if (!ready.success) return;
    const { nonce } = ready.data;
    // It says so every second until it hears us: the same again is an echo, unless our answer was lost.
    if (this.#greeted && nonce === this.#nonce && Date.now() - this.#greetedAt < echoMilliseconds) return;
    this.#nonce = nonce;
    this.#greetedAt = Date.now();
    this.#failChannels(new LabError("AgentRestarted", `${this.name}: its agent started anew`));
    this.bootId = ready.data.boot;
    this.uptimeSeconds = ready.data.uptime;
    this.#sequence = 1;
    this.#expected = 0;
    this.#queue.length = 0;
    this.#written = 0;
    this.#read = 0;
    this.#greeted = true;
    const hello = Buffer.from(JSON.stringify({ nonce }));
    this.line.write(encodeFrame({ type: frameType.hello, channel: 0, sequence: 0, payload: hello }));
  }

  /** Bytes are missing: a sequence number that nobody expects makes the agent, too, start anew. */
  #lost(): void {
    this.#greeted = false;
    const payload = Buffer.alloc(0);
    this.line.write(encodeFrame({ type: frameType.ping, channel: 0, sequence: this.#sequence + 1, payload }));
    this.#failChannels(new LabError("LineFault", `the line to ${this.name} lost bytes`));
  }

  #failChannels(error: LabError): void {
    for (const channel of [...this.#channels.values()]) channel.fail(error);
  }

  #end(error: LabError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#failChannels(error);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
