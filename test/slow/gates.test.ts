import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "../../automation/runner/runner";
import { eventText } from "../../automation/up";
import { longestSilence } from "../../automation/verify/flow";
import { Failure, runnerOf } from "../engine/compiled";
import { Backbone, planOf } from "../scenarios/backbone/backbone";
import { shown, under } from "../scenarios/backbone/measured";

const plan = planOf(["apne1", "euw1", "use1"]);
const canary = "use1";
const rollout = {
  canary,
  failuresTolerated: 0,
  soakSeconds: 0,
  gates: [{ kind: "health" }, { kind: "proofs" }],
} as const;

/**
 * The stacks' programs, but the canary's firewall lets nothing pass: nft takes it, tunnels and sessions stay up, routes stay, and
 * each gateway finds itself healthy.
 */
function programsThatCut(region: string): string {
  const compiled = join(__dirname, "../../packages/trunkline");
  return `const nftables = require(${JSON.stringify(join(compiled, "gateway/renderers/nftables.js"))});
const whole = nftables.renderNftables;
nftables.renderNftables = (view, facts) => {
  const text = whole(view, facts);
  if (view.region.name !== ${JSON.stringify(region)}) return text;
  const cut = text.replace(/(chain forward \\{\\n.*\\n)/, "$1    drop\\n");
  if (cut === text) throw new Error("there is no chain to cut");
  return cut;
};
module.exports = require(${JSON.stringify(join(compiled, "stacks/program.js"))});
`;
}

/** Needs what `npm test` sets up for the lab. */
describe("a release that passes every checker and lets no packet pass, in a canary with gates", function () {
  this.timeout(1_800_000);
  let folder: string;
  let backbone: Backbone;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gates-"));
    writeFileSync(join(folder, "programs.cjs"), programsThatCut(canary));
    backbone = await Backbone.start(plan);
    assert.deepEqual(await backbone.failing(), []);
  });
  after(async () => {
    await backbone.end();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(await backbone.explain());
  });

  const gateways = plan.regions.flatMap((region) => region.gateways.map(({ id }) => id));
  const releases = async () =>
    Object.fromEntries(
      await Promise.all(
        gateways.map(async (id) => [id, (await backbone.status(id)).release.current] as const),
      ),
    );
  const said: string[] = [];
  const hear = (event: RunEvent): void => {
    if (/^(gate|return)-/.test(event.kind)) said.push(eventText(event) ?? "");
    if (event.kind === "stack-started") said.push(event.stack);
  };

  it("fails the gate of proofs, goes back, and no packet between the other regions is lost", async () => {
    const before = await releases();
    const flows = await under(backbone, async () => {
      await assert.rejects(
        backbone.up(plan, hear, { rollout, runner: runnerOf(join(folder, "programs.cjs")) }),
        (thrown) => {
          assert.ok(thrown instanceof Failure, String(thrown));
          assert.equal(thrown.exitCode, 1);
          assert.match(thrown.message, /^Rolled back: the gate proofs failed: \d+ of \d+ proofs failed\n/);
          assert.match(thrown.message, /reachability\/use1>euw1: .*; seen: 0 of 5 answered/);
          return true;
        },
      );
    });
    for (const line of said) console.log(`      ${line.split("\n")[0] ?? ""}`);
    assert.ok(said.some((line) => /^gate health of use1 has passed/.test(line)));
    assert.deepEqual(
      said.filter((line) => /is back on release/.test(line)).map((line) => line.split(" ")[0]),
      ["use1-a", "use1-b"],
    );
    assert.ok(!said.includes("acme.fabric-euw1") && !said.includes("acme.fabric-apne1"), said.join("\n"));
    assert.deepEqual(await releases(), before);
    for (const flow of flows) {
      const touched = flow.from === canary || flow.to === canary;
      if (touched) {
        assert.ok(flow.lost > 0, `the release did cut it: ${shown(flow)}`);
        assert.ok(Number.isFinite(longestSilence(flow)), `it came back: ${shown(flow)}`);
      } else assert.equal(flow.lost, 0, shown(flow));
    }
    assert.deepEqual(await backbone.failing(), []);
  });

  it("the next up, mended, brings the canary's release again, asks, and goes on to the others", async () => {
    said.length = 0;
    await backbone.up(plan, hear, { rollout });
    assert.ok(
      said.some((line) => /^gate proofs of use1 has passed/.test(line)),
      said.join("\n"),
    );
    assert.ok(said.includes("acme.fabric-euw1") && said.includes("acme.fabric-apne1"));
    assert.deepEqual(await backbone.failing(), []);
  });
});
