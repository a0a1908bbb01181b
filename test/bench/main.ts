import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureDemo } from "./demo";
import { measureLosses } from "./losses";
import type { Part } from "./part";
import { measureScale } from "./scale";
import { measureThroughput } from "./throughput";

const { values } = parseArgs({
  options: {
    demo: { type: "boolean", default: false },
    throughput: { type: "boolean", default: false },
    losses: { type: "boolean", default: false },
    runs: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
    out: { type: "string", default: join("report", "bench.json") },
  },
});

async function main(): Promise<void> {
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs ${values.runs}: write how often each loss is to be measured, such as 20`);
  const parts: Record<string, Part> = { planning: measureScale() };
  if (values.demo) parts["demo"] = measureDemo();
  if (values.throughput) parts["throughput"] = await measureThroughput();
  if (values.losses) parts["losses"] = await measureLosses(runs);
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

void main();
