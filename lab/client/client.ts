import type { Duplex } from "node:stream";
import type { ObjectKind, World, WorldObject } from "../world/model";
import type { Lateness } from "./lateness";

/**
 * How everything on the host talks to a running lab: providers, `trunkline lab`, verify's probes and the tests. One
 * Unix socket (mode 0600) in the lab's folder, newline-delimited JSON requests; `connect` turns its socket into a
 * byte stream. Every call has a deadline and fails with `LabError`.
 */
export interface LabClient {
  readonly mode: "kernels" | "recorded";
  /** Absolute path of the lab's folder. */
  readonly folder: string;
  /** Creates or changes one object; refused with `LabError` when the model's checks fail. Waits until it is real. */
  put(object: WorldObject): Promise<void>;
  remove(kind: ObjectKind, id: string): Promise<void>;
  get<K extends ObjectKind>(kind: K, id: string): Promise<Extract<WorldObject, { kind: K }> | undefined>;
  world(): Promise<World>;
  /** The next free public address of the pool. */
  allocateAddress(): Promise<string>;

  /** Runs a program on a machine, a workload, or one of `internet`, `management`, `stranger`. */
  exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** A TCP connection from the management host of the lab's internet, through every firewall on the way. */
  connect(address: string, port: number): Promise<Duplex>;
  /** A raw terminal on a host's root shell. */
  shell(host: string, size?: { readonly rows?: number; readonly columns?: number }): Promise<Duplex>;
  /** Cuts the cable first, then the process; `on` boots the same disk again and waits for its agent. */
  power(machine: string, state: "on" | "off"): Promise<void>;
  fault(fault: Fault): Promise<void>;
  /**
   * pcap of the lab's internet or of a host, as a stream that listens already. `end()` it to have what was seen up to
   * then and the stream's end; destroy it to throw the rest away.
   */
  capture(host: string, filter: string): Promise<Duplex>;
  /**
   * How late timers ran on each running kernel (`fabric`, machine ids) between `start` and `stop`, which returns it. A
   * kernel that lost its power in between is left out; a recorded lab has none.
   */
  lateness(step: "start" | "stop"): Promise<Readonly<Record<string, Lateness>>>;
  status(): Promise<LabStatus>;
  /** Ends the lab and removes what it made. */
  down(): Promise<void>;
  close(): void;
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array;
  /** Default 30. */
  readonly deadlineSeconds?: number;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Fault =
  | { readonly do: "cut" | "mend"; readonly host: string }
  /** Between a public address and others, both directions; of several, all begin in one moment. */
  | {
      readonly do: "path";
      readonly from: string;
      readonly to: string | readonly string[];
      readonly delayMs?: number;
      readonly lossPercent?: number;
      readonly mtu?: number;
      /** IP fragments, and what would have to be fragmented on the way, vanish without a word. */
      readonly fragments?: "dropped";
    }
  | { readonly do: "kill"; readonly host: string; readonly process: string }
  | { readonly do: "fill-disk"; readonly host: string };

export interface LabStatus {
  readonly mode: "kernels" | "recorded";
  readonly folder: string;
  readonly startedAt: string;
  /** The daemon's. */
  readonly pid: number;
  readonly machines: readonly {
    readonly id: string;
    readonly name: string;
    readonly power: "on" | "off" | "booting";
    readonly pid?: number;
    readonly memoryBytes?: number;
  }[];
}

/** `code` is stable: the cloud stand-ins turn it into the vendor's own error. */
export class LabError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "LabError";
  }
}
