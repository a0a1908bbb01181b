import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureChange } from "./change";
import { measureDemo } from "./demo";
import { measureLosses, measureSettings } from "./losses";
import type { Asked, Part } from "./part";
import { measurePreview } from "./preview";
import { measureReboot } from "./reboot";
import { measureScale } from "./scale";
import { measureThroughput } from "./throughput";

const { values } = parseArgs({
  options: {
    planning: { type: "boolean", default: false },
    preview: { type: "boolean", default: false },
    demo: { type: "boolean", default: false },
    change: { type: "boolean", default: false },
    reboot: { type: "boolean", default: false },
    losses: { type: "boolean", default: false },
    settings: { type: "boolean", default: false },
    throughput: { type: "boolean", default: false },
    regions: { type: "string" },
    runs: { type: "string" },
    json: { type: "boolean", default: false },
    out: { type: "string", default: join("report", "bench.json") },
  },
});

/** In this order. */
const measured: Readonly<Record<string, (asked: Asked) => Part | Promise<Part>>> = {
  planning: measureScale,
  preview: measurePreview,
  demo: measureDemo,
  change: measureChange,
  reboot: measureReboot,
  losses: measureLosses,
  settings: measureSettings,
  throughput: measureThroughput,
};

async function main(): Promise<void> {
  const asked = askedFor();
  const named = Object.entries(values).flatMap(([name, value]) => (value === true ? [name] : []));
  const parts: Record<string, Part> = {};
  for (const [name, measure] of Object.entries(measured))
    if (
      named.includes(name) ||
      (name === "planning" && !Object.keys(measured).some((one) => named.includes(one)))
    )
      parts[name] = await measure(asked);
  const data = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.data]));
  const marks = Object.values(parts).flatMap((part) => part.marks);
  const document = `${JSON.stringify({ ...data, marks }, null, 2)}\n`;
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  writeFileSync(resolve(values.out), document);
  const text = [
    ...Object.values(parts).flatMap(({ lines }) => [...lines, ""]),
    ...marks.map(
      ({ what, limit, measured, met }) =>
        `${met ? "met   " : "MISSED"}  ${what}: ${measured.toFixed(2)} of ${String(limit)}`,
    ),
  ];
  process.stdout.write(values.json ? document : `${text.join("\n")}\n\n${resolve(values.out)}\n`);
}

/** @throws Error for what is no number */
function askedFor(): Asked {
  const { regions, runs } = values;
  return {
    ...(regions === undefined
      ? {}
      : { regions: regions.split(",").map((word) => count(word, "regions", 2)) }),
    ...(runs === undefined ? {} : { runs: count(runs, "runs", 1) }),
  };
}

function count(word: string, option: string, least: number): number {
  const value = Number(word);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${option} ${word}: write a whole number from ${String(least)} on, such as 3`);
  return value;
}

void main();
