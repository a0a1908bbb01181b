import { randomBytes } from "node:crypto";
import type { Probes, ProbeHost } from "../../../automation/site";

/** What became of one ordered pair's packets. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  /** Longest row of lost packets, as time. */
  readonly longestGapMs: number;
  /** What routers on the way said: `Time to live exceeded`, `Destination Net Unreachable`. */
  readonly complaints: readonly string[];
}

/** Echo requests between the workloads of every ordered pair of regions, until it is told to stop. */
export class Traffic {
  private constructor(
    private readonly probes: Probes,
    private readonly mark: string,
    private readonly host: string,
    private readonly running: readonly Promise<Flow>[],
  ) {}

  static async start(probes: Probes, everyMs: number, seconds = 240): Promise<Traffic> {
    const hosts = await probes.hosts();
    const mark = `/run/traffic-${randomBytes(6).toString("hex")}`;
    const pairs = hosts.flatMap((from) =>
      hosts.filter((to) => to.region !== from.region).map((to) => ({ from, to })),
    );
    const running = pairs.map(({ from, to }) => flow(probes, from, to, mark, everyMs, seconds));
    const traffic = new Traffic(probes, mark, hosts[0]?.host ?? "", running);
    await traffic.flowing();
    return traffic;
  }

  /** Ends the flows; what was on its way at that moment is not counted. */
  async stop(): Promise<Flow[]> {
    await this.probes.run(this.host, ["sh", "-c", `kill -INT $(cat ${this.mark}.*.pid)`]);
    return Promise.all(this.running);
  }

  /** Resolves when every flow has had its first answers. */
  private async flowing(): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { stdout } = await this.probes.run(this.host, [
        "sh",
        "-c",
        `grep -l "icmp_seq=20 " ${this.mark}.*.* | wc -l`,
      ]);
      if (Number(stdout) === this.running.length) return;
      if (Date.now() > deadline) throw new Error(`only ${stdout.trim()} flows have begun`);
    }
  }
}

/** All hosts live in the fabric's kernel, and share its files and processes: whoever knows them ends every flow. */
async function flow(
  probes: Probes,
  from: ProbeHost,
  to: ProbeHost,
  mark: string,
  everyMs: number,
  seconds: number,
): Promise<Flow> {
  const file = `${mark}.${from.region}.${to.region}`;
  const words = ["ping", "-n", "-W", "1", "-i", String(everyMs / 1000), "-w", String(seconds), to.address];
  const script = `stdbuf -oL ${words.join(" ")} > ${file} 2>&1 &
echo $! > ${file}.pid
wait $!
cat ${file}
rm -f ${file} ${file}.pid`;
  const { stdout } = await probes.run(from.host, ["sh", "-c", script], { deadlineSeconds: seconds + 30 });
  return { from: from.region, to: to.region, ...counted(stdout, everyMs) };
}

function counted(stdout: string, everyMs: number): Omit<Flow, "from" | "to"> {
  const answered = [...stdout.matchAll(/icmp_seq=(\d+) ttl=/g)].map(([, number]) => Number(number));
  const unique = [...new Set(answered)].sort((one, other) => one - other);
  const last = unique.at(-1) ?? 0;
  const transmitted = Number(/(\d+) packets transmitted/.exec(stdout)?.[1] ?? 0);
  // The last few may have been on their way; a longer silence at the end is a loss like any other.
  const end = transmitted - last > 1000 / everyMs ? transmitted : last;
  let gap = end - last;
  let before = 0;
  for (const number of unique) {
    gap = Math.max(gap, number - before - 1);
    before = number;
  }
  const complaints = [...stdout.matchAll(/^From .*(?:exceeded|[Uu]nreachable).*$/gm)].map(([line]) => line);
  return {
    sent: end,
    lost: end - unique.length,
    longestGapMs: gap * everyMs,
    complaints: [...new Set(complaints.map((line) => line.replace(/icmp_seq=\d+ /, "")))],
  };
}

export function shown(flows: readonly Flow[]): string {
  return flows
    .map(
      ({ from, to, sent, lost, longestGapMs, complaints }) =>
        `${from}>${to}: ${String(lost)} of ${String(sent)} lost, longest ${String(longestGapMs)} ms${complaints.length === 0 ? "" : ` (${complaints.join("; ")})`}`,
    )
    .join("\n");
}
