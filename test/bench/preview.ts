import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectIn } from "../../automation/demo/environment";
import { type Engine, startEngine } from "../engine/engine";
import { customResources, namesOf, writtenByHand } from "./by-hand";
import { meshText } from "./mesh";
import { type Asked, atMost, columns, median, type Part } from "./part";

const repository = join(__dirname, "../..");
interface Row {
  readonly regions: number;
  readonly resources: number;
  /** Seconds of each preview. */
  readonly components: readonly number[];
  readonly byHand: readonly number[];
}

/**
 * A first preview of `VpnBackbone`, and of the same resources without a component, by the real engine on the lab's recorded
 * world. Both in turns, so that a busy moment of the machine meets both.
 */
export async function measurePreview({ regions = [3, 10, 30], runs = 5 }: Asked): Promise<Part> {
  const engine = await startEngine();
  try {
    return partOf(regions.map((count) => measure(engine, count, runs)));
  } finally {
    await engine.close();
  }
}

function measure(engine: Engine, regions: number, runs: number): Row {
  // Every size has stacks of its own: the projects are the same, and so is what keeps their state.
  const name = `bench-${String(regions)}`;
  const stack = ["--stack", name];
  const components = projectIn(join(engine.folder, `components-${String(regions)}`), repository);
  writeFileSync(join(components, "fleet.yaml"), meshText(regions));
  pulumi(engine, components, "stack", "init", name);
  pulumi(engine, components, "config", "set", "trunkline:fleetFile", "fleet.yaml", ...stack);
  const made = customResources(pulumi(engine, components, "preview", "--json", ...stack));

  const byHand = join(engine.folder, `by-hand-${String(regions)}`);
  mkdirSync(byHand);
  symlinkSync(join(repository, "node_modules"), join(byHand, "node_modules"));
  const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
  writeFileSync(join(byHand, "Pulumi.yaml"), `name: by-hand\n${runtime}\nmain: index.js\n`);
  writeFileSync(join(byHand, "index.js"), writtenByHand(made));
  pulumi(engine, byHand, "stack", "init", name);
  const same = customResources(pulumi(engine, byHand, "preview", "--json", ...stack));
  if (namesOf(same).join("\n") !== namesOf(made).join("\n"))
    throw new Error(`by hand: ${String(same.length)} resources in place of ${String(made.length)}`);

  const seconds = (folder: string): number => {
    const started = performance.now();
    pulumi(engine, folder, "preview", ...stack);
    return (performance.now() - started) / 1000;
  };
  const taken: { components: number[]; byHand: number[] } = { components: [], byHand: [] };
  for (let run = 0; run < runs; run += 1) {
    taken.components.push(seconds(components));
    taken.byHand.push(seconds(byHand));
    process.stderr.write(
      `preview  ${String(regions)} regions  ${shown(taken.components.slice(-1))} s, by hand ${shown(taken.byHand.slice(-1))} s\n`,
    );
  }
  return { regions, resources: made.length, ...taken };
}

function pulumi(engine: Engine, cwd: string, ...words: readonly string[]): string {
  return execFileSync(join(engine.pulumiRoot, "bin/pulumi"), [...words, "--non-interactive"], {
    cwd,
    env: engine.environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    // A preview as JSON holds what every gateway is told.
    maxBuffer: 2 ** 30,
  });
}

function partOf(rows: readonly Row[]): Part {
  const ratio = ({ components, byHand }: Row): number => median(components) / median(byHand);
  return {
    data: rows,
    lines: columns([
      ["regions", "resources", "preview s", "from to", "by hand s", "from to", "ratio"],
      ...rows.map((row) => [
        String(row.regions),
        String(row.resources),
        median(row.components).toFixed(2),
        shown(row.components),
        median(row.byHand).toFixed(2),
        shown(row.byHand),
        ratio(row).toFixed(3),
      ]),
    ]),
    marks: rows.map((row) =>
      atMost(
        `preview of ${String(row.regions)} regions by the same resources without components, medians of ${String(row.components.length)}`,
        ratio(row),
        1.1,
      ),
    ),
  };
}

/** Least and most. */
function shown(seconds: readonly number[]): string {
  const ends = seconds.length === 1 ? seconds : [Math.min(...seconds), Math.max(...seconds)];
  return ends.map((value) => value.toFixed(2)).join("–");
}
