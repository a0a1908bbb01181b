import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { atMost, columns, type Part } from "./part";
import type { Planning } from "./planning";

const sizes = [10, 50, 100, 200];
/** Interleaved, so that a busy moment of the machine meets every size; of each size the median counts. */
const rounds = 3;

const planningShape = z.object({
  regions: z.number(),
  tunnels: z.number(),
  planSeconds: z.number(),
  checkSeconds: z.number(),
  renderSeconds: z.number(),
  peakBytes: z.number(),
});

/** Plan, check and render of a full mesh, by its size. */
export function measureScale(): Part {
  const runs = Array.from({ length: rounds }, () => sizes.map(planOnce));
  const rows = sizes.flatMap((_, index) => {
    const ofSize = runs
      .flatMap((run) => run.slice(index, index + 1))
      .sort((one, other) => total(one) - total(other));
    return ofSize.slice(Math.floor(rounds / 2), Math.floor(rounds / 2) + 1);
  });
  const [, fifty, hundred, most] = rows;
  if (fifty === undefined || hundred === undefined || most === undefined)
    throw new Error("a size is missing");
  return {
    data: rows,
    lines: columns([
      ["regions", "tunnels", "plan s", "check s", "render s", "MB", "µs/tunnel"],
      ...rows.map((row) => [
        String(row.regions),
        String(row.tunnels),
        row.planSeconds.toFixed(2),
        row.checkSeconds.toFixed(2),
        row.renderSeconds.toFixed(2),
        (row.peakBytes / 1e6).toFixed(0),
        perTunnel(row).toFixed(1),
      ]),
    ]),
    marks: [
      atMost("100 regions: seconds", total(hundred), 5),
      atMost("100 regions: GB", hundred.peakBytes / 1e9, 1),
      atMost("per tunnel, 200 regions by 50", perTunnel(most) / perTunnel(fifty), 1.3),
    ],
  };
}

function planOnce(regions: number): Planning {
  const words = ["--import", "tsx", join(__dirname, "planning.ts"), String(regions)];
  return planningShape.parse(JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })));
}

function total({ planSeconds, checkSeconds, renderSeconds }: Planning): number {
  return planSeconds + checkSeconds + renderSeconds;
}

/** Microseconds. */
function perTunnel(row: Planning): number {
  return (total(row) / row.tunnels) * 1e6;
}
