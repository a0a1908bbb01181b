import type { RunEvent } from "../../automation/runner/runner";

/** Says on standard error which stacks of a fleet have ended: ten regions take minutes. */
export function stacksOf(part: string, regions: number): (event: RunEvent) => void {
  return (event) => {
    if (event.kind === "stack-finished")
      process.stderr.write(
        `${part}  ${String(regions)} regions  ${event.stack}: ${event.outcome} after ${event.seconds.toFixed(1)} s\n`,
      );
  };
}
