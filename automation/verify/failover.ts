import type { Plan } from "trunkline/fleet/plan";
import type { ProbeHost, Probes } from "../site";
import { type Judgement, judged, type Proof } from "./proof";

export interface FailoverOptions {
  /** Milliseconds between echo requests of each pair. Default 50. */
  readonly everyMs?: number;
  /** How long requests are sent; the loss comes two seconds after their start. Default 20. */
  readonly seconds?: number;
  /** The longest silence that still counts as going on. Default 5. */
  readonly longestGapSeconds?: number;
}

/** Takes a gateway's power while workloads of its region talk with all others, both ways, and counts what is lost. */
export async function loseGateway(
  plan: Plan,
  { id: gateway, instanceId }: { readonly id: string; readonly instanceId: string },
  probes: Probes,
  options: FailoverOptions = {},
): Promise<Proof[]> {
  const { everyMs = 50, seconds = 20, longestGapSeconds = 5 } = options;
  const region = plan.regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway))?.name;
  const hosts = await probes.hosts();
  const pairs = plan.routes
    .filter(({ from, to }) => from === region || to === region)
    .flatMap(({ from, to }) => {
      const [source, target] = [hostIn(hosts, from), hostIn(hosts, to)];
      return source === undefined || target === undefined ? [] : [{ from: source, to: target }];
    });
  const started = performance.now();
  const count = Math.round((seconds * 1000) / everyMs);
  const answers = pairs.map(async (pair) => {
    const words = [
      "ping",
      "-n",
      "-D",
      "-W",
      "1",
      "-i",
      String(everyMs / 1000),
      "-c",
      String(count),
      pair.to.address,
    ];
    const { stdout } = await probes.run(pair.from.host, words, { deadlineSeconds: seconds + 30 });
    return { ...pair, stdout };
  });
  await untilFlowing();
  await probes.power(instanceId, "off");
  const observed = await Promise.all(answers);
  const lasted = Math.round((performance.now() - started) / 10) / 100;
  return observed.map(({ from, to, stdout }) => ({
    ...judgeFailover(gateway, from.region, to.region, stdout, { count, everyMs, longestGapSeconds }),
    seconds: lasted,
  }));
}

/** Requests of all pairs are under way for a while before the loss, so that what is counted is the loss's. */
function untilFlowing(): Promise<void> {
  const from = performance.now();
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (performance.now() - from < flowingMs) return;
      clearInterval(look);
      resolve();
    }, 50);
  });
}

const flowingMs = 2000;

function hostIn(hosts: readonly ProbeHost[], region: string): ProbeHost | undefined {
  return hosts.find((host) => host.region === region);
}

interface FailoverMarks {
  readonly count: number;
  readonly everyMs: number;
  readonly longestGapSeconds: number;
}

/** Of `ping -D`: each answer with its number; what has none was lost. */
export function judgeFailover(
  gateway: string,
  from: string,
  to: string,
  stdout: string,
  { count, everyMs, longestGapSeconds }: FailoverMarks,
): Judgement {
  const answered = [...stdout.matchAll(/icmp_seq=(\d+) ttl=/g)]
    .map(([, sequence]) => Number(sequence))
    .sort((a, b) => a - b);
  const unique = new Set(answered);
  const lost = count - unique.size;
  let gap = 0;
  let before = 0;
  for (const sequence of [...unique, count + 1]) {
    gap = Math.max(gap, sequence - before - 1);
    before = sequence;
  }
  const gapSeconds = (gap * everyMs) / 1000;
  const last = Math.max(0, ...unique);
  // The end of the row must be answered: a way that is still dead is no way.
  const wentOn = last > count - 1000 / everyMs;
  const holds = unique.size > 0 && wentOn && gapSeconds <= longestGapSeconds;
  const judgement = judged(
    "failover",
    `${gateway}:${from}>${to}`,
    `traffic goes on after at most ${String(longestGapSeconds)} s`,
    `${String(lost)} of ${String(count)} lost, longest silence ${gapSeconds.toFixed(2)} s${wentOn ? "" : ", and no answer at the end"}`,
    holds,
    `echo requests every ${String(everyMs)} ms while ${gateway} lost its power; answers ${String(unique.size)}, last number ${String(last)}`,
  );
  return judgement;
}
