import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolloutStacks } from "../../../automation/rollout/stacks";
import { LocalRunner } from "../../../automation/runner/local-runner";
import type { RunEvent, RunOptions } from "../../../automation/runner/runner";
import { samplePlan } from "../../components/sample-plan";

/** Real child processes, in which nothing succeeds: the engine that they are told of is not there. */
describe("a run whose stacks all fail", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "runner-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function outcomes(asked: Partial<RunOptions>): Promise<string[]> {
    const events: RunEvent[] = [];
    const run = new LocalRunner().run({ stacks: rolloutStacks(samplePlan(["euw1", "use1"])) }, "up", {
      project: "trunkline",
      site: {
        kind: "cloud",
        environment: { PATH: process.env["PATH"] ?? "" },
        stateFolder: join(folder, "state"),
        pulumiRoot: join(folder, "nowhere"),
      },
      programs: join(folder, "programs"),
      input: {},
      parallel: 1,
      stop: new AbortController().signal,
      stopNow: new AbortController().signal,
      ...asked,
    });
    for await (const event of run) events.push(event);
    assert.deepEqual(events.at(-1)?.kind === "run-finished" && events.at(-1), {
      ...events.at(-1),
      outcome: asked.stop?.aborted === true ? "cancelled" : "failed",
    });
    return events.flatMap((event) =>
      event.kind === "stack-finished"
        ? [
            `${event.stack.replace("acme.", "")} ${event.outcome}${event.outcome === "skipped" ? `: ${event.because ?? ""}` : ""}`,
          ]
        : [],
    );
  }

  const needs = "a stack that it needs did not succeed";
  const after = "nothing new starts after what failed";

  it("goes on with what needs none of them, where no rollout is asked for", async () => {
    assert.deepEqual(await outcomes({}), [
      "region-euw1 failed",
      "region-use1 failed",
      `trust skipped: ${needs}`,
      `fabric-use1 skipped: ${needs}`,
      `fabric-euw1 skipped: ${needs}`,
    ]);
  });

  it("ends with the first, the canary's, where one is", async () => {
    const rollout = { canary: "use1", failuresTolerated: 5, soakSeconds: 0, gates: [] };
    assert.deepEqual(await outcomes({ rollout }), [
      "region-use1 failed",
      `region-euw1 skipped: ${after}`,
      `trust skipped: ${needs}`,
      `fabric-use1 skipped: ${needs}`,
      `fabric-euw1 skipped: ${needs}`,
    ]);
  });

  it("begins nothing where it is stopped already", async () => {
    const skipped = await outcomes({ stop: AbortSignal.abort() });
    assert.deepEqual(
      new Set(skipped.map((line) => line.replace(/^\S+ /, ""))),
      new Set(["skipped: the run was cancelled"]),
    );
  });
});
