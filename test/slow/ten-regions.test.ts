import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allTunnels } from "trunkline/fleet/plan";
import { planOf } from "../engine/fleets";
import { Backbone } from "../scenarios/backbone/backbone";

const cloudRegions = [
  ...["us-east-1", "us-east-2", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-central-1", "eu-north-1", "ap-northeast-1", "ap-southeast-2"],
];
const plan = planOf(
  [
    "fleet: acme",
    "management: { allowFrom: [203.0.113.0/24] }",
    "regions:",
    ...cloudRegions.map(
      (region, index) =>
        `  r${String(index)}: { cloud: aws, region: ${region}, cidr: 10.${String(index)}.0.0/16 }`,
    ),
    "",
  ].join("\n"),
);

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
