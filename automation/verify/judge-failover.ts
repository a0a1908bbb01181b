import type { Late } from "../site";
import type { Loss } from "./failover.plan";
import { type Flow, longestSilence } from "./flow";
import { type Judgement, judged, type Proof } from "./proof";

/** Packets by counter, as a gateway's `forwarded` has them. */
export type Counts = Readonly<Record<string, number>>;

/** Of one loss: every direction's packets, and the moments of loss and return on the clock of the gaps. */
export interface Failover {
  readonly loss: Loss;
  readonly gateway: string;
  readonly region: string;
  /** What each gateway of the region carried between the first packet and the loss, by its own counters. */
  readonly before: Readonly<Record<string, Counts>>;
  readonly lostAt: number;
  /** When it was given back, or, of a daemon that comes back by itself, had been noticed; absent: it was not. */
  readonly returnedAt?: number;
  /** Until the gateway carried traffic as before; absent: nobody waited for it. */
  readonly back?: { readonly seconds: number } | "never";
  /** When timers of other machines ran late meanwhile. */
  readonly late: readonly Late[];
  readonly flows: readonly Flow[];
}

/** Longest silences in seconds: of a loss by the way that packets take past the gateway, and of its return. */
export interface FailoverMarks {
  /** Tunnel to tunnel: to the gateway's region from another. */
  readonly in: number;
  /** Tunnel to tunnel: between other regions, through the gateway's. */
  readonly through: number;
  /** Out of the gateway's network, as its route service turns to the partner. */
  readonly out: number;
  readonly return: number;
}

/**
 * @param noticedSeconds until other gateways notice a lost peer
 * @param routeServiceSeconds until the network's route service does, by its documentation
 */
export function failoverMarks(noticedSeconds: number, routeServiceSeconds: number): FailoverMarks {
  const between = noticedSeconds + 0.3;
  return { in: between, through: between, out: routeServiceSeconds + 1, return: 2 };
}

/**
 * Of a pair that shares an address every way is gone until that has moved; at a return it stays.
 * @param movedSeconds until the pair has its way to other regions again, by the timers of its gateways
 */
export function movedMarks(movedSeconds: number): FailoverMarks {
  const most = movedSeconds + 1;
  return { in: most, through: most, out: most, return: 2 };
}

/** How long a gateway that is given back may take until it carries traffic, in seconds. */
export const backWithinSeconds = 180;

/** By the way of a leg, the counters of a gateway's that its packets pass. */
const countersOf = { in: ["in"], through: ["through"], out: ["out", "handed", "taken"] } as const;

/** Of traffic that a gateway carries by itself; what partners hand each other follows from these. */
export const ways = ["in", "through", "out"] as const;

/**
 * One judgement per direction: packets go on after a silence that is short enough, at the loss and at the return; and
 * one on the return itself. A gateway that had carried nothing fails: its loss tests nothing.
 */
export function judgeFailover(failover: Failover, marks: FailoverMarks): Judgement[] {
  return [...failover.flows.map((flow) => judgeLeg(failover, flow, marks)), ...judgeBack(failover)];
}

function judgeLeg(failover: Failover, flow: Flow, marks: FailoverMarks): Judgement {
  const { loss, gateway, region, before, lostAt, returnedAt } = failover;
  const way = flow.from === region ? "out" : flow.to === region ? "in" : "through";
  const atLoss = longestSilence(flow, 0, returnedAt);
  const atReturn = returnedAt === undefined ? 0 : longestSilence(flow, returnedAt);
  const wentOn = flow.gaps.every(({ to }) => Number.isFinite(to));
  const tested = total(before[gateway] ?? {}) > 0;
  const carried = Object.entries(before)
    .map(([id, counts]) => `${id} ${String(total(counts, countersOf[way]))}`)
    .join(", ");
  const { atLoss: lateAtLoss, atReturn: lateAtReturn } = lateBeside(failover, [flow]);
  const late = `${lateAtLoss.toFixed(2)} s late at the loss${returnedAt === undefined ? "" : `, ${lateAtReturn.toFixed(2)} s from the return on`}`;
  const silences = flow.gaps
    .slice(0, 5)
    .map(({ from, to, lost }) => `${from.toFixed(2)} to ${to.toFixed(2)} (${String(lost)})`);
  const observed = [
    `${String(flow.lost)} of ${String(flow.sent)} packets lost`,
    wentOn
      ? `, longest silence ${shown(atLoss, marks[way])} at the loss`
      : ", and of a source port none arrives at the end",
    wentOn && returnedAt !== undefined ? `, ${shown(atReturn, marks.return)} at the return` : "",
    `; carried before: ${carried}`,
    tested ? "" : `; ${gateway} had carried nothing in either direction, so its loss tests nothing`,
  ];
  return judged(
    "failover",
    `${gateway}/${loss}:${flow.from}>${flow.to}`,
    `traffic goes on after at most ${mark(marks[way])} s (${wayWords[way]})${returnedAt === undefined ? "" : `, and ${mark(marks.return)} s when ${gateway} is back`}`,
    observed.join(""),
    tested && flow.sent > 0 && wentOn && atLoss <= marks[way] && atReturn <= marks.return,
    `one-way packets from ${flow.from} to ${flow.to}; ${gateway} lost ${lossWords[loss]} at ${lostAt.toFixed(1)} s of the sender's clock; silences: ${silences.join(", ") || "none"}; timers ran up to ${late}; counters of the gateways until then: ${JSON.stringify(before)}`,
  );
}

function judgeBack({ loss, gateway, back }: Failover): Judgement[] {
  if (back === undefined) return [];
  return [
    judged(
      "failover",
      `${gateway}/${loss}:back`,
      `${gateway} is back, and traffic is carried as before, within ${String(backWithinSeconds)} s`,
      back === "never" ? "it does not" : `after ${back.seconds.toFixed(1)} s`,
      back !== "never",
      "its tunnels, its sessions and its counters, as it says itself",
    ),
  ];
}

/** For so long after a loss, or until packets go on, a late timer may have changed what it cost: routes follow BFD. */
const lossSeconds = 1.5;

/**
 * By how many seconds the worst timer ran late while these flows were silent: from the loss until packets go on, and from
 * the return to the end.
 */
export function lateBeside(
  { late, lostAt, returnedAt = Infinity }: Failover,
  flows: readonly Flow[],
): { readonly atLoss: number; readonly atReturn: number } {
  const worst = (from: number, to: number): number =>
    Math.max(0, ...late.filter((one) => one.to >= from && one.from <= to).map((one) => one.to - one.from));
  const ends = flows.flatMap(({ gaps }) => gaps.filter(({ from }) => from < returnedAt).map(({ to }) => to));
  return {
    atLoss: worst(lostAt, Math.max(lostAt + lossSeconds, ...ends)),
    atReturn: worst(returnedAt, Infinity),
  };
}

/** Of these counters, or of all. */
function total(counts: Counts, names: readonly string[] = Object.keys(counts)): number {
  return names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
}

function shown(seconds: number, most: number): string {
  return `${seconds.toFixed(2)} s${seconds > most ? ` (above ${mark(most)} s)` : ""}`;
}

function mark(seconds: number): string {
  return String(Math.round(seconds * 100) / 100);
}

const wayWords = {
  in: "tunnel to tunnel",
  through: "tunnel to tunnel",
  out: "the network's way out",
} as const;

export const lossWords: Readonly<Record<Loss, string>> = {
  power: "its power",
  charon: "its charon",
  bgpd: "its bgpd",
  cable: "its cable",
};

export function failoverProofs(failover: Failover, marks: FailoverMarks, seconds: number): Proof[] {
  return judgeFailover(failover, marks).map((judgement) => ({
    ...judgement,
    seconds: Math.round(seconds * 100) / 100,
  }));
}
