// Notes when this machine stood still: one line of JSON, {"at", "ms"}, for each timer that was late by more than one of
// BFD's intervals. Runs until it is ended. Usage: stalls.mjs FILE
import { appendFileSync } from "node:fs";

const everyMs = 20;
const [, , path] = process.argv;
/** One of three that BFD waits for: of what was measured meanwhile, nobody knows what it says. */
export const lateMs = 300;
/** Where no kernel runs, deadlines are longer, and two files that run side by side delay each other. */
export const sideBySideLateMs = 1000;

/**
 * Files of a run whose failures say nothing: something failed while the machine stood still.
 * @param {{file: string, began: number, ended: number, failures: number}[]} files milliseconds since 1970
 * @param {{at: number, ms: number}[]} stalls
 * @param {number} late more than that is standing still, in milliseconds
 */
export function notMeasured(files, stalls, late = lateMs) {
  return files.flatMap(({ file, began, ended, failures }) => {
    const worst = Math.max(
      0,
      ...stalls.filter(({ at, ms }) => at >= began && at - ms <= ended).map(({ ms }) => ms),
    );
    return failures > 0 && worst > late ? [{ file, worst }] : [];
  });
}

if (path !== undefined && process.argv[1] === import.meta.filename) {
  let due = performance.now() + everyMs;
  setInterval(() => {
    const late = performance.now() - due;
    due = performance.now() + everyMs;
    if (late > lateMs) appendFileSync(path, `${JSON.stringify({ at: Date.now(), ms: Math.round(late) })}\n`);
  }, everyMs);
}
