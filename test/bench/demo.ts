import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { atMost, type Part } from "./part";

const demoShape = z.object({ phases: z.array(z.object({ name: z.string(), seconds: z.number() })) });

/** The demo by phase, with warm caches. */
export function measureDemo(): Part {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-bench-"));
  try {
    const program = join(__dirname, "../../packages/cli/bin/trunkline-demo.js");
    spawnSync(process.execPath, [program, "--out", folder], { stdio: ["ignore", 2, 2] });
    const { phases } = demoShape.parse(JSON.parse(readFileSync(join(folder, "demo.json"), "utf8")));
    const secondsOf = (name: string): number =>
      phases.find((phase) => phase.name === name)?.seconds ?? Infinity;
    return {
      data: phases,
      lines: phases.map(
        ({ name, seconds }) => `demo  ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`,
      ),
      marks: [
        atMost(
          "demo: seconds from the fleet file to the first full set of proofs",
          ["lab", "up", "proofs"].map(secondsOf).reduce((sum, part) => sum + part, 0),
          60,
        ),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
