import type { Family } from "trunkline/fleet/family";
import type { Plan } from "trunkline/fleet/plan";
import type { RunResult } from "../site";
import { type Judgement, judged } from "./proof";

/** One question from a workload of one region to one of another. */
export interface PathObservation {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
  readonly echo: RunResult;
  /** `ping -M do` with a packet that does not fit. */
  readonly large: RunResult;
  /** `ping -M do` with one that just fits. */
  readonly fitting: RunResult;
}

export function pathSubject(from: string, to: string, family: Family): string {
  return family === "ipv6" ? `${from}>${to} over IPv6` : `${from}>${to}`;
}

/** Answers to `ping -c N`, out of iputils' summary. */
export function pingAnswers(
  output: string,
): { readonly sent: number; readonly received: number } | undefined {
  const found = /(\d+) packets transmitted, (\d+) received/.exec(output);
  return found === null ? undefined : { sent: Number(found[1]), received: Number(found[2]) };
}

export function judgeReachability({ from, to, family, echo }: PathObservation): Judgement {
  const answers = pingAnswers(echo.stdout);
  const observed =
    answers === undefined
      ? firstLine(echo)
      : `${String(answers.received)} of ${String(answers.sent)} answered`;
  const holds = answers !== undefined && answers.sent > 0 && answers.received === answers.sent;
  return judged(
    "reachability",
    pathSubject(from, to, family),
    "every echo request answered",
    observed,
    holds,
    firstLine(echo, /rtt|packets/),
  );
}

/**
 * The way's MTU is the tunnel's: a packet of that size passes, one more byte is answered with that size. A managed gateway
 * knows of no tunnel's size and names none (AWS, "Best practices for an AWS Site-to-Site VPN customer gateway device").
 */
export function judgePathMtu(plan: Plan, { from, to, family, large, fitting }: PathObservation): Judgement {
  const managed = plan.regions.some((region) => region.name === from && region.managed !== undefined);
  const planned = mtuBetween(plan, from, to);
  const told = /mtu ?= ?(\d+)/.exec(`${large.stdout}\n${large.stderr}`)?.[1];
  const passed = pingAnswers(fitting.stdout);
  const fits = passed !== undefined && passed.received > 0;
  const observed = `${told === undefined ? "no router named an MTU" : `a router named ${told}`}; a packet of ${String(planned)} bytes ${fits ? "passed" : "did not pass"}`;
  const holds = (managed || told === String(planned)) && fits;
  return judged(
    "path-mtu",
    pathSubject(from, to, family),
    `${String(planned)} bytes${managed ? " pass; a managed gateway names no MTU" : ""}`,
    observed,
    holds,
    firstLine(large, /mtu/i),
  );
}

/** The smallest tunnel MTU on the planned way. */
export function mtuBetween({ routes, links }: Plan, from: string, to: string): number {
  const via = routes.find((route) => route.from === from && route.to === to)?.via ?? [from, to];
  const hops = via.slice(1).map((next, index) => [via[index] ?? "", next].sort().join("~"));
  return Math.min(
    ...links.filter(({ id }) => hops.includes(id)).flatMap(({ tunnels }) => tunnels.map(({ mtu }) => mtu)),
  );
}

function firstLine({ stdout, stderr }: RunResult, wanted = /./): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && wanted.test(line)) ?? "nothing";
}
