import { type Failover, failoverMarks } from "../../automation/verify/judge-failover";
import { FailoverRun, loseGateway } from "../../automation/verify/failover";
import { type Loss, losses } from "../../automation/verify/failover.plan";
import { longestSilence } from "../../automation/verify/flow";
import { Backbone, planOf } from "../scenarios/backbone/backbone";
import { atMost, columns, median, type Mark, type Part } from "./part";

/** Above this a timer of the lab's own was so late that the silence around it is not the gateway's. */
const latestTimerSeconds = 0.1;
/** Runs without BFD: what it is there for. */
const runsWithoutBfd = 3;
/** BGP's hold time is 30 s. */
const noticedWithoutBfdSeconds = 40;

const legs = ["in", "out", "return"] as const;
type Leg = (typeof legs)[number];

interface Row {
  readonly what: string;
  readonly gateway: string;
  /** Longest silence in seconds by leg: tunnel to tunnel, the network's way out, and both when the gateway is back. */
  readonly silences: Readonly<Record<Leg, number>>;
  /** By how much the worst timer of the lab was late meanwhile. */
  readonly lateSeconds: number;
}

/**
 * Each kind of loss so many times, the gateways of a mesh of three regions in turn. Kinds are interleaved, so that a busy
 * moment of the machine meets each.
 */
export async function measureLosses(runs: number): Promise<Part> {
  const plan = planOf(["use1", "euw1", "apne1"]);
  const backbone = await Backbone.start(plan);
  try {
    const gateways = plan.regions.flatMap((region) => region.gateways.map(({ id }) => id));
    const lost = (id: string) => ({ id, instanceId: backbone.instanceOf(id) });
    const status = (id: string) => backbone.status(id);
    const { probes } = backbone.site;
    const rows: Row[] = [];
    const take = (row: Row): void => {
      rows.push(row);
      process.stderr.write(`${row.what}  ${row.gateway}  ${shown(row.silences)}\n`);
    };
    for (let run = 0; run < runs; run += 1)
      for (const loss of losses) {
        const gateway = gateways[run % gateways.length] ?? "";
        take(rowOf(loss, await loseGateway(plan, lost(gateway), loss, probes, status)));
      }
    for (const { asn, gateways: own } of plan.regions)
      for (const { id } of own) {
        const { neighbours } = await backbone.status(id);
        await backbone.bgp(id, asn, ...neighbours.map(({ address }) => `no neighbor ${address} bfd`));
      }
    for (let run = 0; run < runsWithoutBfd; run += 1) {
      const gateway = gateways[run % gateways.length] ?? "";
      const failover = await FailoverRun.begin(plan, lost(gateway), "power", probes, status);
      try {
        await failover.lose();
        await new Promise((resolve) => setTimeout(resolve, noticedWithoutBfdSeconds * 1000));
      } finally {
        await failover.giveBack();
      }
      await failover.untilBack();
      take(rowOf("no BFD", await failover.end()));
    }
    return partOf(rows, runs, failoverMarks(probes.routeServiceSeconds).out);
  } finally {
    await backbone.end();
  }
}

function rowOf(what: Loss | "no BFD", failover: Failover): Row {
  const { gateway, region, flows, returnedAt, lateSeconds } = failover;
  const longest = (from: readonly (typeof flows)[number][], after?: number, before?: number): number =>
    Math.max(0, ...from.map((flow) => longestSilence(flow, after, before)));
  const out = flows.filter(({ from }) => from === region);
  return {
    what,
    gateway,
    lateSeconds,
    silences: {
      in: longest(
        flows.filter(({ to }) => to === region),
        0,
        returnedAt,
      ),
      out: longest(out, 0, returnedAt),
      return: returnedAt === undefined ? 0 : longest(flows, returnedAt),
    },
  };
}

function partOf(rows: readonly Row[], runs: number, outLimit: number): Part {
  const kinds = [...losses, "no BFD"];
  const table = kinds.map((what) => {
    const all = rows.filter((row) => row.what === what);
    const measured = all.filter(({ lateSeconds }) => lateSeconds <= latestTimerSeconds);
    const ofLeg = (leg: Leg): number[] => measured.map(({ silences }) => silences[leg]);
    return {
      what,
      runs: all.length,
      measured: measured.length,
      worstTimerSeconds: Math.max(0, ...all.map(({ lateSeconds }) => lateSeconds)),
      legs: Object.fromEntries(
        legs.map((leg) => [leg, { median: median(ofLeg(leg)), worst: worstOf(ofLeg(leg)) }]),
      ),
    };
  });
  const measured = rows.filter(
    ({ what, lateSeconds }) => what !== "no BFD" && lateSeconds <= latestTimerSeconds,
  );
  const mark = (leg: Leg, what: string, limit: number): Mark =>
    atMost(
      `gateway loss, ${what}: worst silence in seconds of ${String(measured.length)} measured runs`,
      worstOf(measured.map(({ silences }) => silences[leg])),
      limit,
    );
  return {
    data: { runs, table, rows },
    lines: columns([
      ["loss", "runs", "measured", ...legs.flatMap((leg) => [leg, "worst"]), "timer s"],
      ...table.map(({ what, runs: tried, measured: counted, legs: found, worstTimerSeconds }) => [
        what,
        String(tried),
        String(counted),
        ...legs.flatMap((leg) =>
          [found[leg]?.median, found[leg]?.worst].map((value) => (value ?? NaN).toFixed(2)),
        ),
        worstTimerSeconds.toFixed(2),
      ]),
    ]),
    marks: [
      mark("in", "tunnel to tunnel", 1.2),
      mark("out", "the network's way out (AWS tells of 5 to 7 s)", outLimit),
      mark("return", "the way back", 2),
    ],
  };
}

/** NaN of nothing, which meets no mark. */
function worstOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.max(...values);
}

function shown(silences: Readonly<Record<Leg, number>>): string {
  return legs.map((leg) => `${leg} ${silences[leg].toFixed(2)} s`).join("  ");
}
