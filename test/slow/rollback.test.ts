import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { LabClient } from "../../lab/client/client";
import { down, up } from "../../lab/commands";
import { trunkline } from "../automation/cli/command";
import { openStateFolder } from "../../automation/runner/state-folder";
import { engineEnvironment } from "../../lab/engine-environment";
import { artifacts } from "../../tools/setup/artifacts";
import { fleetPlan, fleetText, type RegionName } from "../engine/fleets";
import { filesBelow, hunt, planted, secretsOf } from "../engine/secrets-hunt";
import { watchProcesses } from "../engine/watch";

const statuses = z.record(
  z.string(),
  z.object({ release: z.object({ current: z.string().nullable(), previous: z.string().nullable() }) }),
);
const rolledBack = z.object({ gateway: z.string(), release: z.string(), from: z.string() });

describe("trunkline rollback, on the real engine and real daemons", function () {
  this.timeout(600_000);
  let folder: string;
  let lab: LabClient;
  let watch: ReturnType<typeof watchProcesses>;
  /** All that the command printed. */
  const said: string[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rollback-"));
    lab = await up({ folder: join(folder, "lab") });
    watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
  });
  after(async () => {
    lab.close();
    await down({ folder: join(folder, "lab") });
    rmSync(folder, { recursive: true, force: true });
  });

  const cache = process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache");
  const run = async (...words: string[]) => {
    const ended = await trunkline(folder, [...words, "--lab", "--json"], {
      ...planted,
      XDG_CACHE_HOME: cache,
      TRUNKLINE_LAB: lab.folder,
    });
    said.push(ended.stdout, ended.stderr);
    return ended;
  };
  const upWith = async (names: readonly RegionName[]) => {
    writeFileSync(join(folder, "fleet.yaml"), fleetText(names));
    const said = await run("up");
    assert.equal(said.code, 0, said.stderr);
    return said.stderr;
  };
  const releaseOf = async (gateway: string) => {
    const said = await run("status");
    assert.equal(said.code, 0, said.stderr);
    return statuses.parse(JSON.parse(said.stdout))[gateway]?.release;
  };

  it("before there is a release to go back to: 2, and nothing happens", async () => {
    await upWith(["euw1", "use1"]);
    const said = await run("rollback", "use1-a");
    assert.equal(said.code, 2, said.stderr);
    assert.match(said.stderr, /use1-a has run no release before/);
    assert.doesNotMatch(await upWith(["euw1", "use1"]), /brought there again/);
  });

  it("goes back, the next up says that it brings the planned release, and brings it; the other stays", async () => {
    const first = await releaseOf("use1-a");
    await upWith(["apse2", "euw1", "use1"]);
    const planned = await releaseOf("use1-a");
    const other = await releaseOf("use1-b");
    assert.equal(planned?.previous, first?.current);
    const said = await run("rollback", "use1-a");
    assert.equal(said.code, 0, said.stderr);
    assert.deepEqual(rolledBack.parse(JSON.parse(said.stdout)), {
      gateway: "use1-a",
      release: first?.current,
      from: planned?.current,
    });
    assert.equal((await releaseOf("use1-a"))?.current, first?.current);
    assert.match(
      await upWith(["apse2", "euw1", "use1"]),
      /use1-a: the planned release is brought there again/,
    );
    assert.equal((await releaseOf("use1-a"))?.current, planned?.current);
    assert.deepEqual(await releaseOf("use1-b"), other);
  });

  it("a gateway to which another host pushes: 3, with who and since when; the next up goes on", async () => {
    const lease = "/run/trunkline/push.json";
    const { machines } = await lab.status();
    const everywhere = async (script: string, stdin: string) => {
      for (const { id } of machines)
        assert.equal((await lab.exec(id, ["sh", "-c", script], { stdin })).code, 0);
    };
    const held = { pusher: "ci@elsewhere/7/seat-1", since: 1, until: 1e12 };
    await everywhere(`mkdir -p /run/trunkline; cat > ${lease}`, JSON.stringify(held));
    writeFileSync(join(folder, "fleet.yaml"), fleetText(["euw1", "use1"]));
    const said = await run("up");
    assert.equal(said.code, 3, said.stderr);
    assert.match(
      said.stderr,
      /ci@elsewhere \(process 7\) has pushed to this gateway since 1970-01-01T00:00:01Z/,
    );
    const back = await run("rollback", "use1-a");
    assert.equal(back.code, 3, back.stderr);
    await everywhere(`rm ${lease}`, "");
    await upWith(["euw1", "use1"]);
  });

  it("no secret of the user's or the fleet's stood in what was printed, in a process's words or in a file", () => {
    const environment = engineEnvironment(lab, { ...process.env, ...planted });
    const stateFolder = join(lab.folder, "state", "acme");
    const { pulumiRoot } = artifacts();
    const state = openStateFolder(stateFolder, environment);
    const known = secretsOf(fleetPlan(["euw1", "use1"]), { pulumiRoot, state, environment });
    assert.ok(known.size > 10);
    const { argv } = watch.stop();
    assert.ok([...argv].some((word) => word.endsWith("bin/pulumi")));
    assert.deepEqual(hunt(known, [...argv].join("\n")), []);
    assert.ok(said.join("").length > 1000);
    assert.deepEqual(hunt(known, said.join("\n")), []);
    const files = filesBelow(stateFolder);
    assert.ok(files.some(({ path }) => path.includes(".pulumi/stacks")));
    for (const { path, text } of files) assert.deepEqual(hunt(known, text), [], path);
  });
});
