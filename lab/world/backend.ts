import type { Duplex } from "node:stream";
import type { ExecOptions, ExecResult, Fault, LabStatus } from "../client/client";
import type { Lateness } from "../client/lateness";
import type { ObjectKind, World } from "./model";

/**
 * What makes a checked world real. Two exist: `kernels` (lab/machine/kernels.ts over lab/fabric) and `recorded`
 * (lab/world/recorded.ts). The daemon checks every change with world.ts first, then calls `apply`, one change at a
 * time, in order; a change whose `apply` rejects is not entered into the world. Failures are `LabError`.
 */
export interface Backend {
  readonly mode: "kernels" | "recorded";
  /** Resolves when the change is real: rules are loaded, routes in place. May be called again with the same change. */
  apply(change: Change): Promise<void>;
  /**
   * What takes long, after `apply` and outside the order of changes: boots. A put answers when this has resolved. When
   * it rejects for a new object, the object is removed again.
   */
  settle?(change: Change): Promise<void>;
  exec(host: Host, argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** A TCP connection that starts at the management host, with its address as source. */
  connect(address: string, port: number): Promise<Duplex>;
  shell(host: Host, size: { readonly rows?: number; readonly columns?: number }): Promise<Duplex>;
  power(machine: string, state: "on" | "off"): Promise<void>;
  /** @param host of the fault, resolved; absent for `path` */
  fault(fault: Fault, host: Host | undefined, world: World): Promise<void>;
  /** pcap bytes; ends after the stream's writable side has ended, or at once when it is destroyed. */
  capture(host: Host, filter: string): Promise<Duplex>;
  machines(world: World): Promise<LabStatus["machines"]>;
  /** Lateness of timers since `start`, per kernel (`fabric`, machine ids). Empty when recorded. */
  lateness(step: "start" | "stop"): Promise<Readonly<Record<string, Lateness>>>;
  /**
   * The system's `ssh`, for a world without real sshds: the full argument list after the program's name, and stdin.
   * Only `recorded` has it; with kernels the real ssh runs, through `connect`.
   */
  ssh?(request: SshRequest): Promise<ExecResult>;
  close(): Promise<void>;
}

export interface Change {
  readonly before: World;
  readonly after: World;
  /** What was put or removed; several when they waited for the same turn, or when a whole world is restored. */
  readonly touched: readonly { readonly kind: ObjectKind; readonly id: string }[];
}

/** A place where programs run, as resolved by the daemon from an id, a name or a host name. */
export type Host =
  | { readonly kind: "machine"; readonly id: string }
  | { readonly kind: "workload"; readonly id: string }
  /** The fabric kernel itself, in its first namespace: for people who debug the lab. */
  | { readonly kind: "fabric" }
  /** A network's router (its id). */
  | { readonly kind: "network"; readonly id: string }
  | { readonly kind: "internet" | "management" | "stranger" };

export interface SshRequest {
  readonly argv: readonly string[];
  readonly stdin: Uint8Array;
  /** Files that `-i` and `UserKnownHostsFile` name are read by the lab, as the same user on the same host. */
  readonly workingDirectory: string;
}

/** The fabric kernel as its compiler (lab/fabric) sees it. Implemented by lab/machine. */
export interface FabricKernel {
  /** Runs in the fabric kernel; `namespace` is a name that `ip netns` knows. Batches go to `sh`, `ip -batch`, `nft -f`. */
  exec(argv: readonly string[], options?: FabricExecOptions): Promise<ExecResult>;
}

export interface FabricExecOptions extends ExecOptions {
  readonly namespace?: string;
}

/** The clouds, the internet and the workloads inside the fabric kernel. Implemented by lab/fabric/fabric.ts. */
export interface Fabric {
  /** Makes internet, management and stranger. Called once, after the fabric kernel's boot. */
  start(): Promise<void>;
  /**
   * @param cables machine id → the fabric kernel's device (`vec7`) at the other end of the machine's cable. The device
   *   waits in the first namespace, down, until it is moved; it returns there when its namespace is deleted.
   */
  apply(change: Change, cables: ReadonlyMap<string, string>): Promise<void>;
  /** Network namespace of a host that lives in the fabric; undefined: no such host. */
  namespaceOf(host: Host): string | undefined;
  /** The fabric's end of a machine's cable: carrier for the machine, so to speak. */
  link(machine: string, state: "up" | "down"): Promise<void>;
  /** `cut`, `mend` and `path`; `kill` and `fill-disk` never arrive here. */
  fault(fault: Fault, world: World): Promise<void>;
  /** Device and namespace that `capture` listens on: for `internet` a place that every packet between clouds passes once. */
  tapOf(host: Host): { readonly namespace: string; readonly device: string } | undefined;
}
