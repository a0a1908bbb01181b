import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allTunnels } from "trunkline/fleet/plan";
import { labMeshText } from "../bench/mesh";
import { planOf } from "../engine/fleets";
import { Backbone } from "../scenarios/backbone/backbone";

const plan = planOf(labMeshText(10));

/** Of the whole machine: gateways' memory lies in shared memory, which no process owns alone. */
function usedMegabytes(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]);
  return (of("MemTotal") - of("MemAvailable")) / 1024;
}

/** Needs what `npm test` sets up for the lab. */
describe("ten regions in a full mesh, twenty gateways", function () {
  this.timeout(1_800_000);

  it("come up, and every proof passes", async () => {
    const before = usedMegabytes();
    const started = performance.now();
    const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
    const backbone = await Backbone.start(plan);
    try {
      console.log(`      up after ${seconds()} s`);
      const proofs = await backbone.proofs(600);
      console.log(
        `      ${String(proofs.length)} proofs after ${seconds()} s; ${(usedMegabytes() - before).toFixed(0)} MB in use`,
      );
      assert.deepEqual(
        proofs.filter(({ status }) => status !== "pass").map(({ id }) => id),
        [],
      );
      assert.equal(proofs.filter(({ kind }) => kind === "sa").length, allTunnels(plan).length);
    } finally {
      await backbone.end();
    }
  });
});
