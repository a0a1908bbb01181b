import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProbeHost, Probes } from "../site";
import { type Flow, flowOf, receiverTold, senderTold } from "./flow";

const firstPort = 20_000;
/** Longer than any failover that is still measured; a program that nobody ends, ends then. */
const longestSeconds = 900;
/**
 * Source ports of each direction: routers choose a way by port, and several ways shall carry some. More of them would
 * tell a silence less exactly, as each has its part of the rate.
 */
const flowsEach = 5;

/** One-way packets at a steady rate from host to host, each way, until it is told to stop. */
export class Traffic {
  private constructor(
    private readonly probes: Probes,
    private readonly directions: readonly Direction[],
  ) {}

  /**
   * @param perSecond packets a second of each direction, over all its flows
   * @throws Error when packets of a flow do not arrive within 20 seconds: there is nothing to measure
   */
  static async start(
    probes: Probes,
    pairs: readonly (readonly [ProbeHost, ProbeHost])[],
    perSecond: number,
  ): Promise<Traffic> {
    const directions = pairs.map(
      ([from, to], index) => new Direction(probes, from, to, firstPort + index, perSecond),
    );
    const begun = await Promise.allSettled(directions.map((direction) => direction.begin()));
    const failed = begun.find((each) => each.status === "rejected");
    if (failed === undefined) return new Traffic(probes, directions);
    await Promise.allSettled(directions.map((direction) => direction.end()));
    throw failed.reason;
  }

  /** Seconds of the clock that gaps are told in. All hosts of a lab share it. */
  async clock(): Promise<number> {
    const [direction] = this.directions;
    if (direction === undefined) throw new Error("there are no hosts to send between");
    const { stdout } = await this.probes.run(direction.from.host, ["python3", "-c", program(), "clock"]);
    return Number(stdout);
  }

  stop(): Promise<Flow[]> {
    return Promise.all(this.directions.map((direction) => direction.end()));
  }
}

class Direction {
  #receiver: Promise<string> | undefined;
  #sender: Promise<string> | undefined;

  constructor(
    private readonly probes: Probes,
    readonly from: ProbeHost,
    private readonly to: ProbeHost,
    private readonly port: number,
    private readonly perSecond: number,
  ) {}

  async begin(): Promise<void> {
    const { from, to, port, perSecond } = this;
    const file = `/run/flow-${String(port)}`;
    this.#receiver = this.#run(to.host, "receive", to.address, String(port), file, String(flowsEach));
    await this.#until(["grep", "-q", "listening", file], "listens");
    this.#sender = this.#run(
      from.host,
      "send",
      to.address,
      String(port),
      String(perSecond),
      String(flowsEach),
    );
    await this.#until(["grep", "-q", "hears", file], "hears");
  }

  async end(): Promise<Flow> {
    const { from, to } = this;
    await this.#kill(from.host, "send");
    const { sent } = senderTold.parse(JSON.parse((await this.#sender) ?? ""));
    await this.#kill(to.host, "receive");
    const { flows } = receiverTold.parse(JSON.parse((await this.#receiver) ?? ""));
    return { from: from.region, to: to.region, ...flowOf(sent, flows, this.perSecond) };
  }

  async #run(host: string, ...words: readonly string[]): Promise<string> {
    const { stdout } = await this.probes.run(host, ["python3", "-c", program(), ...words], {
      deadlineSeconds: longestSeconds,
    });
    return stdout;
  }

  async #until(question: readonly string[], verb: string): Promise<void> {
    const { from, to } = this;
    const deadline = Date.now() + 20_000;
    while ((await this.probes.run(to.host, question)).code !== 0)
      if (Date.now() > deadline) throw new Error(`nobody in ${to.region} ${verb} for ${from.region}`);
  }

  /** Hosts of a lab share their processes: the words tell one from the others. */
  async #kill(host: string, verb: "send" | "receive"): Promise<void> {
    const words = `${verb} ${this.to.address} ${String(this.port)} `;
    await this.probes.run(host, ["pkill", "-TERM", "-f", words]);
  }
}

let text: string | undefined;

function program(): string {
  text ??= readFileSync(join(__dirname, "flow.py"), "utf8");
  return text;
}
