import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { z } from "zod";

const host = join(__dirname, "../../../gateway/host");

/**
 * Runs a program of the gateway's in a world that goes by steps, each a line of JSON.
 * @param world beside this file: what stands in for clock, daemons and cloud
 * @returns what it said after each
 */
export function stepped<T>(world: string, steps: readonly object[], said: z.ZodType<T>): T[] {
  const input = steps.map((step) => `${JSON.stringify(step)}\n`).join("");
  const done = spawnSync("python3", ["-EsB", join(__dirname, world), host], { input, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout
    .trim()
    .split("\n")
    .map((line) => said.parse(JSON.parse(line)));
}
