import { detectionSeconds } from "trunkline/fleet/liveness";
import { allTunnels, type Plan, type PlannedRegion } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { Failure } from "../failure";
import { findGateway } from "../find-gateway";
import { hasTaken, sessionsMissing } from "../operations/drain.plan";
import { betweenQuestions, passed } from "../pause";
import type { ProbeHost, Probes } from "../site";
import { type Loss, waysPast } from "./failover.plan";
import type { Flow } from "./flow";
import { backWithinSeconds, type Counts, type Failover, lossWords, ways } from "./judge-failover";
import { Traffic } from "./traffic";

export interface LostGateway {
  readonly id: string;
  readonly instanceId: string;
}

export interface FailoverOptions {
  /** Packets a second of each direction. Default 100. */
  readonly perSecond?: number;
  readonly stop?: AbortSignal;
  onProgress?(step: string): void;
}

/** `return` begins once the gateway has back what it lost, or may have it from its supervisor. */
export type Timed = (step: "loss" | "return", work: () => Promise<void>) => Promise<void>;

type AskStatus = (gateway: string) => Promise<GatewayStatus>;

const defaultRate = 100;
/** How often source ports are drawn: five all go past one gateway of two in one draw of sixteen. */
const draws = 6;
/** Until packets of a draw must have been counted. */
const drawSeconds = 4;
/** What ends before it has been noticed proves nothing: for so long beyond what BFD takes it lasts. */
const noticedSeconds = 2;
/** Of a pair that shares an address, a loss is noticed when the other has it; an end for one that never takes it. */
const takenSeconds = 60;

/**
 * Something is taken from a gateway while workloads talk past it, and given back; packets are counted until the gateway
 * carries traffic again: a loss may cost nothing at once and everything when it ends.
 */
export class FailoverRun {
  #before: Readonly<Record<string, Counts>> = {};
  #lostAt = 0;
  #taken = false;
  #returnedAt: number | undefined;
  #back: Failover["back"];

  private constructor(
    private readonly plan: Plan,
    private readonly gateway: LostGateway,
    private readonly loss: Loss,
    private readonly probes: Probes,
    private readonly status: AskStatus,
    private readonly traffic: Traffic,
    private readonly began: Readonly<Record<string, Counts>>,
    private readonly options: FailoverOptions,
  ) {}

  /**
   * Packets flow, and arrive: if they can, past the gateway that is to be lost and past another of its region. Where
   * they cannot, the judge says so.
   * @param status asked of the region's gateways
   */
  static async begin(
    plan: Plan,
    gateway: LostGateway,
    loss: Loss,
    probes: Probes,
    status: AskStatus,
    options: FailoverOptions = {},
  ): Promise<FailoverRun> {
    const directions = directionsOf(plan, gateway.id, await probes.hosts());
    for (let draw = 1; ; draw += 1) {
      endIfStopped(options);
      const began = await countsOf(plan, gateway.id, status);
      const traffic = await Traffic.start(probes, directions, options.perSecond ?? defaultRate);
      const run = new FailoverRun(plan, gateway, loss, probes, status, traffic, began, options);
      try {
        if ((await run.#spread()) || draw === draws) {
          await probes.lateness("start");
          return run;
        }
      } catch (error) {
        await run.#abandon();
        throw error;
      }
      await traffic.stop();
    }
  }

  /**
   * Takes it, and waits until it has been noticed.
   * @throws Failure `interrupted`; what was taken is still to be given back
   */
  async lose(): Promise<void> {
    const { gateway, loss, options, probes } = this;
    this.#before = await this.#carried();
    this.#lostAt = await this.traffic.clock();
    endIfStopped(options);
    options.onProgress?.(`${gateway.id} loses ${lossWords[loss]}`);
    this.#taken = true;
    await take(gateway, loss, probes);
    await passed(detectionSeconds(this.plan) + noticedSeconds, options.stop);
    if (isGivenBack(loss)) await this.#untilTaken();
    endIfStopped(options);
  }

  async #untilTaken(): Promise<void> {
    const { region } = findGateway(this.plan, this.gateway.id);
    if (region.shared === undefined) return;
    const started = performance.now();
    while (performance.now() - started < takenSeconds * 1000) {
      endIfStopped(this.options);
      if ((await this.#carrier(region)) !== undefined) return;
    }
  }

  /** Gives back what was taken, whatever else has happened. A daemon comes back by its supervisor, in its own time. */
  async giveBack(): Promise<void> {
    const { gateway, loss, options, probes } = this;
    if (!this.#taken) return;
    this.#taken = false;
    this.#returnedAt = await this.traffic.clock().catch(() => undefined);
    if (!isGivenBack(loss)) return;
    if (loss === "power") await probes.power(gateway.instanceId, "on");
    else await probes.cable(gateway.instanceId, "mended");
    options.onProgress?.(`${gateway.id} has ${lossWords[loss]} back`);
  }

  /**
   * Every tunnel and session is as before, nobody asks for a drain, and packets pass in each way that they did: at the
   * gateway, or, where its pair shares an address, at whoever has that now.
   */
  async untilBack(): Promise<void> {
    const { gateway, options, plan } = this;
    const { region } = findGateway(plan, gateway.id);
    const wanted = ways.filter((way) => (this.#before[gateway.id]?.[way] ?? 0) > 0);
    const started = performance.now();
    const last = new Map<string, Counts>();
    const moved = new Set<string>();
    for (;;) {
      const carrier = await this.#carrier(region, gateway.id);
      const seconds = (performance.now() - started) / 1000;
      if (carrier !== undefined) {
        const before = last.get(carrier.id);
        for (const way of wanted)
          if (before !== undefined && (carrier.counts[way] ?? 0) > (before[way] ?? 0)) moved.add(way);
        last.set(carrier.id, carrier.counts);
        if (moved.size === wanted.length) {
          this.#back = { seconds };
          options.onProgress?.(
            `${carrier.id} carries traffic ${carrier.id === gateway.id ? "again" : `beside ${gateway.id}`} after ${seconds.toFixed(1)} s`,
          );
          return;
        }
      }
      endIfStopped(options);
      if (seconds > backWithinSeconds) {
        this.#back = "never";
        return;
      }
      await betweenQuestions(options.stop);
    }
  }

  /** Ends the traffic, also after a step that failed. */
  async end(): Promise<Failover> {
    const { gateway, loss, plan } = this;
    const late = await this.probes.lateness("stop", gateway.instanceId);
    const flows: readonly Flow[] = await this.traffic.stop();
    return {
      loss,
      gateway: gateway.id,
      region: findGateway(plan, gateway.id).region.name,
      before: this.#before,
      lostAt: this.#lostAt,
      late,
      flows,
      ...(this.#returnedAt === undefined ? {} : { returnedAt: this.#returnedAt }),
      ...(this.#back === undefined ? {} : { back: this.#back }),
    };
  }

  /**
   * The whole of it: lost, given back whatever happens, back, ended.
   * @param timed runs each of both steps
   */
  async whole(timed: Timed = (_, work) => work()): Promise<Failover> {
    try {
      try {
        await timed("loss", () => this.lose());
      } finally {
        await this.giveBack();
      }
      await timed("return", () => this.untilBack());
    } catch (error) {
      await this.#abandon();
      throw error;
    }
    return this.end();
  }

  /** Whether the gateway, and another that shares the traffic with it, get packets from other regions; as soon as they do. */
  async #spread(): Promise<boolean> {
    const started = performance.now();
    const alone = findGateway(this.plan, this.gateway.id).region.ha === "active-standby";
    for (;;) {
      const carried = await this.#carried();
      const own = carried[this.gateway.id]?.["in"] ?? 0;
      const others = Object.entries(carried).filter(([id]) => id !== this.gateway.id);
      if (own > 0 && (alone || others.some(([, counts]) => (counts["in"] ?? 0) > 0))) return true;
      endIfStopped(this.options);
      if (performance.now() - started > drawSeconds * 1000) return false;
    }
  }

  /**
   * Who carries the region's traffic with every session: the gateway itself, or of a pair that shares an address whoever
   * has it.
   * @param back a gateway that must have come back as well
   */
  async #carrier(
    region: PlannedRegion,
    back?: string,
  ): Promise<{ readonly id: string; readonly counts: Counts } | undefined> {
    const { gateway, plan, status } = this;
    const asked = region.shared === undefined ? [gateway.id] : region.gateways.map(({ id }) => id);
    const said = await Promise.all(
      asked.map(async (id) => [id, await status(id).catch(() => undefined)] as const),
    );
    const carrying = (id: string, of: GatewayStatus): boolean =>
      region.shared === undefined ? isWhole(plan, id, of) : hasTaken(plan, region, of);
    for (const [id, of] of said)
      if (id === back && (of === undefined || of.drained.length > 0)) return undefined;
    for (const [id, of] of said)
      if (of !== undefined && carrying(id, of)) return { id, counts: of.forwarded };
    return undefined;
  }

  /** By each gateway of the region since the traffic began. */
  async #carried(): Promise<Readonly<Record<string, Counts>>> {
    const now = await countsOf(this.plan, this.gateway.id, this.status);
    const since = (id: string, counts: Counts): Counts =>
      Object.fromEntries(
        Object.entries(counts).map(([name, count]) => [name, count - (this.began[id]?.[name] ?? 0)]),
      );
    return Object.fromEntries(Object.entries(now).map(([id, counts]) => [id, since(id, counts)]));
  }

  /** Its programs must not run on; why it ends is known already. */
  async #abandon(): Promise<void> {
    await this.traffic.stop().catch(() => undefined);
    await this.probes.lateness("stop").catch(() => undefined);
  }
}

/** A whole failover: begun, lost, given back, ended. @throws Failure `interrupted` once what was taken is back */
export async function loseGateway(
  plan: Plan,
  gateway: LostGateway,
  loss: Loss,
  probes: Probes,
  status: AskStatus,
  options: FailoverOptions = {},
): Promise<Failover> {
  const run = await FailoverRun.begin(plan, gateway, loss, probes, status, options);
  return run.whole();
}

async function take({ instanceId }: LostGateway, loss: Loss, probes: Probes): Promise<void> {
  switch (loss) {
    case "power":
      return probes.power(instanceId, "off");
    case "cable":
      return probes.cable(instanceId, "cut");
    case "charon":
    case "bgpd": {
      const name = loss === "charon" ? "charon-systemd" : "bgpd";
      const { code, stderr } = await probes.run(instanceId, ["sh", "-c", `kill -9 $(pidof ${name})`]);
      if (code !== 0) throw new Error(`${name} does not run: ${stderr}`);
    }
  }
}

/** So many seconds, or until it is stopped. */
function isGivenBack(loss: Loss): boolean {
  return loss === "power" || loss === "cable";
}

function isWhole(plan: Plan, gateway: string, status: GatewayStatus): boolean {
  const tunnels = status.ikeSas.filter(({ childSas }) =>
    childSas.some(({ state }) => state === "INSTALLED"),
  ).length;
  const planned = allTunnels(plan).filter(({ ends }) => ends.some((end) => end.gateway === gateway)).length;
  return (
    status.drained.length === 0 &&
    tunnels >= planned &&
    sessionsMissing(plan, gateway, status).length === 0 &&
    status.neighbours.every(({ state }) => state === "Established")
  );
}

async function countsOf(
  plan: Plan,
  gateway: string,
  status: AskStatus,
): Promise<Readonly<Record<string, Counts>>> {
  const asked = findGateway(plan, gateway).region.gateways.map(
    async ({ id }) => [id, (await status(id)).forwarded] as const,
  );
  return Object.fromEntries(await Promise.all(asked));
}

/** Every direction whose packets pass the gateway's region, between hosts that there are. */
function directionsOf(
  plan: Plan,
  gateway: string,
  hosts: readonly ProbeHost[],
): (readonly [ProbeHost, ProbeHost])[] {
  const directions = waysPast(plan, findGateway(plan, gateway).region.name).flatMap(({ from, to }) => {
    const source = hosts.find(({ region }) => region === from);
    const target = hosts.find(({ region }) => region === to);
    return source === undefined || target === undefined ? [] : [[source, target] as const];
  });
  if (directions.length === 0)
    throw new Failure("proofFailed", `No workloads talk past ${gateway}.`, "Run up again: it makes them.");
  return directions;
}

function endIfStopped({ stop }: FailoverOptions): void {
  if (stop?.aborted === true)
    throw new Failure("interrupted", "Stopped.", "What was taken from a gateway is back. Verify again.");
}
