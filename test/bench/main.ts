import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Planning } from "./planning";
import { measureThroughput, type Throughput } from "./throughput";

const sizes = [10, 50, 100, 200];
/** Interleaved, so that a busy moment of the machine meets every size; of each size the median counts. */
const rounds = 3;

interface Mark {
  readonly what: string;
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

interface Phase {
  readonly name: string;
  readonly seconds: number;
}

const planningShape = z.object({
  regions: z.number(),
  tunnels: z.number(),
  planSeconds: z.number(),
  checkSeconds: z.number(),
  renderSeconds: z.number(),
  peakBytes: z.number(),
});
const demoShape = z.object({ phases: z.array(z.object({ name: z.string(), seconds: z.number() })) });

function planOnce(regions: number): Planning {
  const words = ["--import", "tsx", join(__dirname, "planning.ts"), String(regions)];
  return planningShape.parse(JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })));
}

function total({ planSeconds, checkSeconds, renderSeconds }: Planning): number {
  return planSeconds + checkSeconds + renderSeconds;
}

function perTunnel(row: Planning): number {
  return (total(row) / row.tunnels) * 1e6;
}

function measurePlanning(): Planning[] {
  const runs = Array.from({ length: rounds }, () => sizes.map(planOnce));
  return sizes.flatMap((_, index) => {
    const ofSize = runs
      .flatMap((run) => run.slice(index, index + 1))
      .sort((one, other) => total(one) - total(other));
    return ofSize.slice(Math.floor(rounds / 2), Math.floor(rounds / 2) + 1);
  });
}

function measureDemo(): Phase[] {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-bench-"));
  try {
    const program = join(__dirname, "../../packages/cli/bin/trunkline-demo.js");
    spawnSync(process.execPath, [program, "--out", folder], { stdio: ["ignore", 2, 2] });
    return demoShape.parse(JSON.parse(readFileSync(join(folder, "demo.json"), "utf8"))).phases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function throughputMark({ tunnel, staticKeys }: Throughput): Mark {
  const [limit, measured] = [0.97, median(tunnel) / median(staticKeys)];
  const what = "throughput of a tunnel by the kernel's ESP with static keys";
  return { what, limit, measured, met: measured >= limit };
}

function marksOf(
  planning: readonly Planning[],
  phases: readonly Phase[],
  throughput: Throughput | undefined,
): Mark[] {
  const at = (regions: number): Planning | undefined => planning.find((row) => row.regions === regions);
  const [fifty, hundred, most] = [at(50), at(100), at(200)];
  const mark = (what: string, measured: number, limit: number): Mark => ({
    what,
    limit,
    measured,
    met: measured <= limit,
  });
  const seconds = (name: string): number => phases.find((phase) => phase.name === name)?.seconds ?? Infinity;
  return [
    ...(hundred === undefined
      ? []
      : [
          mark("100 regions: seconds", total(hundred), 5),
          mark("100 regions: GB", hundred.peakBytes / 1e9, 1),
        ]),
    ...(fifty === undefined || most === undefined
      ? []
      : [mark("per tunnel, 200 regions by 50", perTunnel(most) / perTunnel(fifty), 1.3)]),
    ...(phases.length === 0
      ? []
      : [
          mark(
            "demo: seconds from the fleet file to the first full set of proofs",
            ["lab", "up", "proofs"].map(seconds).reduce((sum, part) => sum + part, 0),
            60,
          ),
        ]),
    ...(throughput === undefined ? [] : [throughputMark(throughput)]),
  ];
}

function table(planning: readonly Planning[], phases: readonly Phase[], marks: readonly Mark[]): string {
  const rows = planning.map((row) =>
    [
      String(row.regions),
      String(row.tunnels),
      row.planSeconds.toFixed(2),
      row.checkSeconds.toFixed(2),
      row.renderSeconds.toFixed(2),
      (row.peakBytes / 1e6).toFixed(0),
      perTunnel(row).toFixed(1),
    ]
      .map((cell) => cell.padStart(11))
      .join(""),
  );
  const head = ["regions", "tunnels", "plan s", "check s", "render s", "MB", "µs/tunnel"]
    .map((cell) => cell.padStart(11))
    .join("");
  return [
    head,
    ...rows,
    ...phases.map(({ name, seconds }) => `demo  ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`),
    ...marks.map(
      ({ what, limit, measured, met }) =>
        `${met ? "met   " : "MISSED"}  ${what}: ${measured.toFixed(2)} of ${String(limit)}`,
    ),
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    demo: { type: "boolean", default: false },
    throughput: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    out: { type: "string", default: join("report", "bench.json") },
  },
});

async function main(): Promise<void> {
  const planning = measurePlanning();
  const phases = values.demo ? measureDemo() : [];
  const throughput = values.throughput ? await measureThroughput() : undefined;
  const marks = marksOf(planning, phases, throughput);
  const document = `${JSON.stringify({ planning, phases, throughput, marks }, null, 2)}\n`;
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  writeFileSync(resolve(values.out), document);
  process.stdout.write(
    values.json ? document : `${table(planning, phases, marks)}\n\n${resolve(values.out)}\n`,
  );
}

void main();
