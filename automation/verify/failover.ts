import { allTunnels, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { Failure } from "../failure";
import { sessionsMissing } from "../operations/drain.plan";
import type { ProbeHost, Probes } from "../site";
import { type Judgement, judged, type Proof } from "./proof";
import { type Flow, longestSilence, Traffic } from "./traffic";

/** What a gateway loses: all, one of its daemons, or its cable. */
export const losses = ["power", "charon", "bgpd", "cable"] as const;
export type Loss = (typeof losses)[number];

export interface LostGateway {
  readonly id: string;
  readonly instanceId: string;
}

/** Of one loss: every direction's packets, and the moments of loss and return on the clock of the gaps. */
export interface Failover {
  readonly loss: Loss;
  readonly gateway: string;
  readonly lostAt: number;
  /** Absent: it was not to come back. */
  readonly returnedAt?: number;
  readonly flows: readonly Flow[];
}

/**
 * Something is taken from a gateway while workloads of its region talk with all others, and given back; packets are
 * counted until the gateway carries traffic again: a loss may cost nothing at once and everything when it ends.
 */
export class FailoverRun {
  #lostAt = 0;
  #returnedAt: number | undefined;

  private constructor(
    private readonly plan: Plan,
    private readonly gateway: LostGateway,
    private readonly loss: Loss,
    private readonly probes: Probes,
    private readonly traffic: Traffic,
  ) {}

  /** Packets flow, and arrive. @param perSecond of each direction */
  static async begin(
    plan: Plan,
    gateway: LostGateway,
    loss: Loss,
    probes: Probes,
    perSecond = defaultRate,
  ): Promise<FailoverRun> {
    const directions = directionsOf(plan, gateway.id, await probes.hosts());
    const traffic = await Traffic.start(probes, directions, perSecond);
    return new FailoverRun(plan, gateway, loss, probes, traffic);
  }

  /** Takes it, and waits until it has been noticed: what ends before proves nothing, and BFD takes 900 ms. */
  async lose(): Promise<void> {
    this.#lostAt = await this.traffic.clock();
    await take(this.gateway, this.loss, this.probes);
    // Daemons come back by their supervisors, in their own time.
    if (this.loss === "power" || this.loss === "cable") await untilLong(3);
  }

  /**
   * @param status asked of the gateway until every tunnel and session is as before and nobody asks for a drain
   * @throws Error when it does not come back in three minutes
   */
  async giveBack(status: (gateway: string) => Promise<GatewayStatus>, stop?: AbortSignal): Promise<void> {
    const { gateway, loss, plan, probes } = this;
    this.#returnedAt = await this.traffic.clock();
    if (loss === "power") await probes.power(gateway.instanceId, "on");
    if (loss === "cable") await probes.cable(gateway.instanceId, "mended");
    await untilBack(plan, gateway.id, status, stop);
  }

  /** Ends the traffic, also after a step that failed. */
  async end(): Promise<Failover> {
    const returned = this.#returnedAt === undefined ? {} : { returnedAt: this.#returnedAt };
    const flows = await this.traffic.stop();
    return { loss: this.loss, gateway: this.gateway.id, lostAt: this.#lostAt, flows, ...returned };
  }
}

const defaultRate = 100;
const returnSeconds = 180;

/** A whole failover: begun, lost, given back, ended. */
export async function loseGateway(
  plan: Plan,
  gateway: LostGateway,
  loss: Loss,
  probes: Probes,
  status: (gateway: string) => Promise<GatewayStatus>,
  options: { readonly perSecond?: number; readonly stop?: AbortSignal } = {},
): Promise<Failover> {
  const run = await FailoverRun.begin(plan, gateway, loss, probes, options.perSecond);
  let failed: { readonly error: unknown } | undefined;
  try {
    await run.lose();
    await run.giveBack(status, options.stop);
  } catch (error) {
    failed = { error };
  }
  const failover = await run.end();
  if (failed !== undefined) throw failed.error;
  return failover;
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

function untilLong(seconds: number): Promise<void> {
  const from = performance.now();
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (performance.now() - from < seconds * 1000) return;
      clearInterval(look);
      resolve();
    }, 50);
  });
}

async function untilBack(
  plan: Plan,
  gateway: string,
  status: (gateway: string) => Promise<GatewayStatus>,
  stop: AbortSignal | undefined,
): Promise<void> {
  const started = performance.now();
  for (;;) {
    const now = await status(gateway).catch(() => undefined);
    if (now !== undefined && carries(plan, gateway, now)) return;
    if (stop?.aborted === true) throw new Failure("interrupted", "Stopped.", "Verify again.");
    if (performance.now() - started > returnSeconds * 1000)
      throw new Error(`${gateway} does not carry traffic again after ${String(returnSeconds)} s`);
  }
}

function carries(plan: Plan, gateway: string, status: GatewayStatus): boolean {
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

/** Both directions between the gateway's region and every other that it talks with. */
function directionsOf(
  plan: Plan,
  gateway: string,
  hosts: readonly ProbeHost[],
): (readonly [ProbeHost, ProbeHost])[] {
  const region = plan.regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway))?.name;
  return plan.routes
    .filter(({ from, to }) => from === region || to === region)
    .flatMap(({ from, to }) => {
      const [source, target] = [
        hosts.find((host) => host.region === from),
        hosts.find((host) => host.region === to),
      ];
      return source === undefined || target === undefined ? [] : [[source, target] as const];
    });
}

/** Longer than any vendor's own timers would be worth: what is measured stands beside it. */
const longestGapSeconds = 5;

/** One judgement per direction: packets go on after a silence that is short enough, at the loss and at the return. */
export function judgeFailover({ loss, gateway, flows, lostAt, returnedAt }: Failover): Judgement[] {
  return flows.map((flow) => {
    const atLoss = longestSilence(flow, 0, returnedAt);
    const atReturn = returnedAt === undefined ? 0 : longestSilence(flow, returnedAt);
    const wentOn = flow.gaps.every(({ to }) => Number.isFinite(to));
    const count = `${String(flow.lost)} of ${String(flow.sent)} packets lost`;
    const back = returnedAt === undefined ? "" : `, ${atReturn.toFixed(2)} s at the return`;
    const silences = flow.gaps
      .slice(0, 5)
      .map(({ from, to, lost }) => `${from.toFixed(2)} to ${to.toFixed(2)} (${String(lost)})`);
    return judged(
      "failover",
      `${gateway}/${loss}:${flow.from}>${flow.to}`,
      `traffic goes on after at most ${String(longestGapSeconds)} s`,
      wentOn
        ? `${count}, longest silence ${atLoss.toFixed(2)} s at the loss${back}`
        : `${count}, and none arrives at the end`,
      flow.sent > 0 && wentOn && Math.max(atLoss, atReturn) <= longestGapSeconds,
      `one-way packets from ${flow.from} to ${flow.to}; ${gateway} lost ${takenWords[loss]} at ${lostAt.toFixed(1)} s of the sender's clock; silences: ${silences.join(", ") || "none"}`,
    );
  });
}

const takenWords: Readonly<Record<Loss, string>> = {
  power: "its power",
  charon: "its charon",
  bgpd: "its bgpd",
  cable: "its cable",
};

export function failoverProofs(failover: Failover, seconds: number): Proof[] {
  return judgeFailover(failover).map((judgement) => ({
    ...judgement,
    seconds: Math.round(seconds * 100) / 100,
  }));
}
