import { LabError } from "../client/client";
import type { Backend } from "./backend";

/** The world without kernels: the same model and checks, no packets. */
export function createRecorded(folder: string): Backend {
  const without = (what: string) =>
    Promise.reject(new LabError("Recorded", `a recorded lab has no ${what} (${folder})`));
  return {
    mode: "recorded",
    apply: () => Promise.resolve(),
    exec: () => without("programs"),
    connect: () => without("network"),
    shell: () => without("shell"),
    power: () => Promise.resolve(),
    fault: () => without("faults"),
    capture: () => without("packets"),
    machines: () => Promise.resolve([]),
    lateness: () => Promise.resolve({}),
    close: () => Promise.resolve(),
  };
}
