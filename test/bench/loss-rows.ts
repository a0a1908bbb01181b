import { type Failover, lateBeside } from "../../automation/verify/judge-failover";
import { longestSilence } from "../../automation/verify/flow";
import { atMost, columns, median, type Mark, type Part } from "./part";

/**
 * Above this a timer of the lab's own was so late that the silence around it is not the gateway's. In the minutes that
 * nobody sends for without BFD some timer is later than that: there it is this part of the silence.
 */
const latestTimerSeconds = 0.1;
const latestPart = 0.02;
/** A loss that was not measured is run again, until a kind has been tried so often by the runs that are wanted. */
const triesOfRuns = 1.5;

const legs = ["in", "out", "return"] as const;
type Leg = (typeof legs)[number];

/** One thing that a gateway can lose. */
export interface Kind {
  readonly what: string;
  lose(gateway: string): Promise<Failover>;
}

export interface Row {
  readonly what: string;
  readonly gateway: string;
  /** Longest silence in seconds by leg: tunnel to tunnel, the network's way out, and both when the gateway is back. */
  readonly silences: Readonly<Record<Leg, number>>;
  /** By how much the worst timer of the lab was late in the leg's own window: until packets go on, or from the return on. */
  readonly lateSeconds: Readonly<Record<Leg, number>>;
}

/**
 * Each kind until it has been measured so often, or tried often enough; at the gateways in turn. Kinds are interleaved, so
 * that a busy moment of the machine meets each.
 */
export async function taken(
  kinds: readonly Kind[],
  runs: number,
  { gateways }: { readonly gateways: readonly string[] },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let attempt = 0; attempt < Math.ceil(runs * triesOfRuns); attempt += 1)
    for (const { what, lose } of kinds) {
      if (rows.filter((row) => row.what === what && isMeasured(row, "in")).length >= runs) continue;
      const row = rowOf(what, await lose(gateways[attempt % gateways.length] ?? ""));
      rows.push(row);
      process.stderr.write(
        `${what}  ${row.gateway}  ${shown(row.silences)}  timers up to ${legs.map((leg) => row.lateSeconds[leg].toFixed(2)).join(", ")} s late\n`,
      );
    }
  return rows;
}

/** @param marked what the marks are called, when there are any, and the limit of the network's way out */
export function lossesPart(
  rows: readonly Row[],
  kinds: readonly string[],
  ...marked: readonly [] | readonly [name: string, outLimit: number]
): Part {
  const table = kinds.map((what) => {
    const all = rows.filter((row) => row.what === what);
    const legTable = legs.map((leg) => {
      const measured = all.filter((row) => isMeasured(row, leg));
      const silences = measured.map((row) => row.silences[leg]);
      return [
        leg,
        {
          measured: measured.length,
          median: median(silences),
          worst: worstOf(silences),
          timerSeconds: worstOf(measured.map(({ lateSeconds }) => lateSeconds[leg])),
        },
      ] as const;
    });
    return { what, runs: all.length, legs: Object.fromEntries(legTable) };
  });
  return {
    data: { table, rows },
    lines: columns([
      ["loss", "runs", ...legs.flatMap((leg) => [`${leg}: n`, "median s", "worst s", "timers s"])],
      ...table.map(({ what, runs, legs: found }) => [
        what,
        String(runs),
        ...Object.values(found).flatMap(({ measured, ...seconds }) => [
          String(measured),
          ...[seconds.median, seconds.worst, seconds.timerSeconds].map((value) => value.toFixed(2)),
        ]),
      ]),
    ]),
    marks: marked.length === 0 ? [] : marksOf(rows, ...marked),
  };
}

function marksOf(rows: readonly Row[], name: string, outLimit: number): Mark[] {
  const mark = (leg: Leg, what: string, limit: number): Mark => {
    const measured = rows.filter((row) => isMeasured(row, leg));
    return atMost(
      `${name}, ${what}: worst silence in seconds of ${String(measured.length)} measured runs`,
      worstOf(measured.map(({ silences }) => silences[leg])),
      limit,
    );
  };
  return [
    mark("in", "tunnel to tunnel", 1.2),
    mark("out", "the network's way out (AWS tells of 5 to 7 s)", outLimit),
    mark("return", "the way back", 2),
  ];
}

function rowOf(what: string, failover: Failover): Row {
  const { gateway, region, flows, returnedAt } = failover;
  const longest = (from: readonly (typeof flows)[number][], after?: number, before?: number): number =>
    Math.max(0, ...from.map((flow) => longestSilence(flow, after, before)));
  const [into, out] = [flows.filter(({ to }) => to === region), flows.filter(({ from }) => from === region)];
  return {
    what,
    gateway,
    lateSeconds: {
      in: lateBeside(failover, into).atLoss,
      out: lateBeside(failover, out).atLoss,
      return: returnedAt === undefined ? 0 : lateBeside(failover, flows).atReturn,
    },
    silences: {
      in: longest(into, 0, returnedAt),
      out: longest(out, 0, returnedAt),
      return: returnedAt === undefined ? 0 : longest(flows, returnedAt),
    },
  };
}

function isMeasured({ lateSeconds, silences }: Row, leg: Leg): boolean {
  return lateSeconds[leg] <= Math.max(latestTimerSeconds, silences[leg] * latestPart);
}

/** NaN of nothing, which meets no mark. */
function worstOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.max(...values);
}

function shown(silences: Readonly<Record<Leg, number>>): string {
  return legs.map((leg) => `${leg} ${silences[leg].toFixed(2)} s`).join("  ");
}
