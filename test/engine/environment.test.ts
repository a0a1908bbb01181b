import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LabSite } from "../../automation/cli/lab-door";
import { projectIn, runEnvironment } from "../../automation/demo/environment";
import type { Probes } from "../../automation/site";
import { type Engine, startEngine } from "./engine";
import { fleetPlan, fleetText, type RegionName } from "./fleets";
import { filesBelow } from "./secrets-hunt";

const repository = dirname(dirname(__dirname));

/** A world on paper has nobody to ask. */
const noProbes: Probes = {
  hosts: () => Promise.resolve([]),
  run: () => Promise.reject(new Error("not asked for")),
  captureInternet: () => Promise.reject(new Error("not asked for")),
  power: () => Promise.reject(new Error("not asked for")),
  cable: () => Promise.reject(new Error("not asked for")),
  lateness: () => Promise.reject(new Error("not asked for")),
  routeServiceSeconds: 0.9,
};

/** The root's Pulumi.yaml by plain `pulumi`, in a folder of its own: a stack's configuration file lies beside it. */
describe("the environment program by plain pulumi up", function () {
  this.timeout(600_000);
  let engine: Engine;
  let project: string;

  before(async () => {
    engine = await startEngine();
    project = projectIn(join(engine.folder, "project"), repository);
    writeFileSync(join(project, "fleet.yaml"), text(["euw1", "use1"]));
  });
  after(() => engine.close());

  /** A pair, and others that are no larger than they must be for it to have peers. */
  const text = (names: readonly RegionName[]) =>
    fleetText(names, { euw1: "gateways: 2", use1: "gateways: 1", apse2: "gateways: 1" });

  const pulumi = (...words: readonly string[]) => {
    const done = spawnSync(join(engine.pulumiRoot, "bin/pulumi"), [...words, "--non-interactive"], {
      cwd: project,
      env: engine.environment,
      encoding: "utf8",
    });
    assert.equal(done.status, 0, `pulumi ${words.join(" ")}\n${done.stdout}\n${done.stderr}`);
    return done.stdout;
  };

  it("brings a whole fleet up from its file", async () => {
    pulumi("stack", "init", "dev");
    pulumi("config", "set", "trunkline:fleetFile", "fleet.yaml");
    pulumi("config", "set", "trunkline:protect", "false");
    const said = pulumi("up", "--yes", "--skip-preview");
    assert.match(said, /releases/);
    const { objects } = await engine.lab.world();
    assert.equal(Object.values(objects).filter(({ kind }) => kind === "machine").length, 3);
  });

  it("has nothing to do the second time", () => {
    pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("is previewed whole when a region joins, with what is not known yet", () => {
    writeFileSync(join(project, "fleet.yaml"), text(["apse2", "euw1", "use1"]));
    const said = pulumi("preview");
    assert.match(said, /to create/);
    assert.doesNotMatch(said, /to replace/);
    writeFileSync(join(project, "fleet.yaml"), text(["euw1", "use1"]));
  });

  it("goes again, and leaves nothing", async () => {
    pulumi("destroy", "--yes", "--skip-preview");
    assert.deepEqual((await engine.lab.world()).objects, {});
  });

  it("is the demo's second door: the user's own file, and what reaches the gateways, in no file in the clear", async () => {
    const plan = fleetPlan(["euw1"]);
    const file = join(engine.folder, "my fleet.yaml");
    writeFileSync(file, fleetText(["euw1"]));
    const workloads: string[] = [];
    const never = new AbortController().signal;
    const site: LabSite = {
      kind: "lab",
      environment: engine.environment,
      stateFolder: join(engine.folder, "demo"),
      pulumiRoot: engine.pulumiRoot,
      probes: noProbes,
      addWorkload: (_, region, network) => Promise.resolve(void workloads.push(`${region} ${network}`)),
      close: () => undefined,
    };
    const { regions, trust } = await runEnvironment({ plan, file }, site, {
      stop: never,
      stopNow: never,
      onEvent: () => undefined,
    });
    assert.deepEqual(
      regions.flatMap(({ gateways }) => gateways.map(({ id }) => id)),
      ["euw1-a", "euw1-b"],
    );
    assert.deepEqual(
      trust.gateways.map(({ id }) => id),
      ["euw1-a", "euw1-b"],
    );
    const { objects } = await engine.lab.world();
    assert.deepEqual(
      workloads.sort(),
      regions.map(({ region, networkId }) => `${region} ${networkId}`).sort(),
    );
    for (const { networkId } of regions) assert.equal(objects[networkId]?.kind, "network");
    const kept = ["state", "demo/tmp"].flatMap((name) => filesBelow(join(engine.folder, name)));
    assert.ok(kept.some(({ text }) => text.includes("handover")));
    const inTheClear = kept.filter(({ text }) => text.includes("PRIVATE KEY"));
    assert.deepEqual(
      inTheClear.map(({ path }) => path),
      [],
    );
  });
});
