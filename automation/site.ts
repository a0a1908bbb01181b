import type { Duplex } from "node:stream";

/**
 * Where a fleet lives: a user's clouds, or the lab. The runner and verify see nothing else of either; the lab's own
 * implementation is opened by `cli/lab-door.ts` alone.
 */
export interface Site {
  readonly kind: "cloud" | "lab";
  /**
   * The whole environment of every child: the engine's, and `ssh`'s. In the lab it is built from an allowlist, holds
   * no cloud credentials, and its PATH starts with an `ssh` that goes through the lab's management host.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of this fleet's state at this site. */
  readonly stateFolder: string;
  /** Whose credentials a cloud's providers would find, in a person's words. */
  readonly identity?: string;
  /** Folder with `bin/pulumi`. */
  readonly pulumiRoot: string;
  /** Called after a stack is up and before those that depend on it start; outputs may hold secrets. */
  afterStack?(stack: string, outputs: Readonly<Record<string, unknown>>): Promise<void>;
  /** What only a place of our own can do: hosts to probe from, a capture on the way, a power switch. */
  readonly probes?: Probes;
}

/** Hosts in the fleet's networks that are no gateways, and hands on the world around them. */
export interface Probes {
  /** At least one per region. */
  hosts(): Promise<readonly ProbeHost[]>;
  run(host: string, argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** pcap of what crosses the internet between the regions, management's own packets apart; `end()` stops it. */
  captureInternet(): Promise<Duplex>;
  /**
   * `off` cuts the cable before any process dies; `on` returns when the machine answers again.
   * @param instanceId the cloud's name of the machine, as the region's hand-over has it
   */
  power(instanceId: string, state: "on" | "off"): Promise<void>;
  /** The machine goes on without its cable, and gets it back. */
  cable(instanceId: string, state: "cut" | "mended"): Promise<void>;
  /**
   * Between `start` and `stop`, which says it: when timers of machines that kept their power ran late. What a silence of a
   * second means on a busy host is only known beside it.
   * @param without a machine whose own work makes its timers late: one that starts a daemon
   */
  lateness(step: "start" | "stop", without?: string): Promise<readonly Late[]>;
  /** Until the networks' route service notices that a gateway is gone, by its documentation. */
  readonly routeServiceSeconds: number;
}

/** A timer that should have run at `from` and ran at `to`, in seconds of the clock that the probes' hosts share. */
export interface Late {
  readonly from: number;
  readonly to: number;
}

export interface ProbeHost {
  readonly region: string;
  /** Name for `run`. */
  readonly host: string;
  /** Address inside one of the region's networks; IPv4 where the host has both. */
  readonly address: string;
  /** Beside it, where the region's network has IPv6. */
  readonly ipv6?: string;
}

export interface RunOptions {
  readonly stdin?: string;
  /** Default 30. */
  readonly deadlineSeconds?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
