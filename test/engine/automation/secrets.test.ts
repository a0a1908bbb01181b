import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayAccess } from "../../../automation/gateway-access";
import { openStateFolder } from "../../../automation/runner/state-folder";
import type { LiveFleet, SessionOptions } from "../../../automation/session";
import type { Site } from "../../../automation/site";
import { eventText } from "../../../automation/up";
import type { LabClient } from "../../../lab/client/client";
import { engineEnvironment } from "../../../lab/engine-environment";
import { artifacts } from "../../../tools/setup/artifacts";
import { down, runner, Session, up, withoutLoader } from "../compiled";
import { fleetText, planOf } from "../fleets";
import { type File, filesBelow, hunt, type Known, planted, secretsOf } from "../secrets-hunt";
import { type Seen, watchProcesses } from "../watch";

describe("secrets, hunted wherever a run of the command leaves something", function () {
  this.timeout(600_000);
  /** Two gateways with a tunnel between them, and one of them linked with a managed one, have every kind of secret. */
  const plan = planOf(
    `${fleetText(["euw1", "use1", "apse2"], { euw1: "gateways: 1", use1: "gateways: 1", apse2: "gateway: managed" })}crypto: { postQuantum: ppk, links: { apse2~euw1: { postQuantum: off }, apse2~use1: { postQuantum: off } } }
`,
  );
  let folder: string;
  let giveLoaderBack: () => void;
  let lab: LabClient;
  let site: Site;
  let seen: Seen;
  let live: LiveFleet;
  let known: Known = new Map();
  /** The state folder's files while the fleet is up. */
  let states: readonly File[];
  /** The gateways' disks meanwhile, with the modes of their files. */
  let disks: readonly (File & { readonly mode: number })[];
  const said: string[] = [];

  const options: SessionOptions = {
    stop: new AbortController().signal,
    stopNow: new AbortController().signal,
    onEvent: (event) => said.push(JSON.stringify(event), eventText(event) ?? ""),
  };

  before(async () => {
    giveLoaderBack = withoutLoader();
    folder = mkdtempSync(join(tmpdir(), "secrets-"));
    lab = await up({ folder: join(folder, "lab"), recorded: true });
    const stateFolder = join(folder, "state");
    mkdirSync(stateFolder, { mode: 0o700 });
    site = {
      kind: "cloud",
      environment: { ...engineEnvironment(lab), ...planted },
      stateFolder,
      pulumiRoot: artifacts().pulumiRoot,
    };
    const watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
    const session = Session.open(plan, site, "trunkline up", [], runner);
    try {
      await session.run("up", options);
      await session.run("preview", options);
      live = await session.live(options);
      known = secretsOf(plan, {
        pulumiRoot: site.pulumiRoot,
        state: openStateFolder(stateFolder, site.environment),
        environment: site.environment,
      });
      const access = new GatewayAccess(site, live, openStateFolder(stateFolder, site.environment).temporary);
      try {
        const { code, stdout, stderr } = await access.run("use1-a", "trunkline-gateway status");
        assert.equal(code, 0, stderr);
        said.push(stdout, stderr);
      } finally {
        access.close();
      }
      states = filesBelow(stateFolder);
      disks = filesBelow(lab.folder)
        .filter(({ path }) => path.includes("/root/"))
        .map((file) => ({ ...file, mode: statSync(file.path).mode & 0o777 }));
      await session.run("destroy", { ...options, protectedResources: "included" });
    } finally {
      session.release();
      seen = watch.stop();
    }
  });
  after(async () => {
    giveLoaderBack();
    lab.close();
    await down({ folder: lab.folder });
    rmSync(folder, { recursive: true, force: true });
  });

  const hunted = (text: string): string[] => hunt(known, text);

  it("there are keys to hunt, and the hunter finds what lies open, in files and words", async () => {
    const names = [...known.keys()];
    // Root, intermediate, and of each of two gateways the key that may push and the first host key.
    assert.ok(names.filter((name) => name.startsWith("private key")).length >= 6, names.join("\n"));
    for (const name of [
      ...["PPK of euw1-a~use1-a", "PPK seed of euw1", "PPK seed of use1", "PPK seed of apse2"],
      ...["PSK of apse2-1~use1-a", "PSK of apse2-2~use1-a"],
    ])
      assert.ok(names.includes(name), names.join("\n"));
    const passphrase = planted.PULUMI_CONFIG_PASSPHRASE;
    const push = live.regions.flatMap(({ gateways }) => gateways)[0]?.pushKey ?? "";
    assert.equal(hunted(push).length, 1);
    assert.equal(hunted(JSON.stringify({ push })).length, 1);
    assert.deepEqual(hunted(Buffer.from(`x${passphrase}y`).toString("base64")), ["PULUMI_CONFIG_PASSPHRASE"]);

    const leak = join(folder, "leak");
    mkdirSync(leak);
    writeFileSync(join(leak, "a.json"), JSON.stringify({ push }));
    assert.equal(filesBelow(leak).flatMap(({ text }) => hunted(text)).length, 1);
    const watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
    await spawnWatched(["-e", "setTimeout(() => undefined, 1000)", passphrase], site.environment);
    assert.deepEqual(hunted([...watch.stop().argv].join("\n")), ["PULUMI_CONFIG_PASSPHRASE"]);
  });

  it("none in events and in what is printed of them", () => {
    assert.ok(said.length > 100);
    assert.deepEqual(hunted(said.join("\n")), []);
  });

  it("none in the words of any process", () => {
    assert.ok([...seen.argv].some((word) => word.endsWith("bin/pulumi")));
    assert.deepEqual(hunted([...seen.argv].join("\n")), []);
    // They did have them to lose.
    assert.ok(hunted([...seen.variables].join("\n")).includes("AWS_SECRET_ACCESS_KEY"));
  });

  it("none in the state folder, with the fleet up and after it is gone", () => {
    assert.ok(states.some(({ path }) => path.endsWith("input.json")));
    assert.ok(states.filter(({ path }) => path.includes(".pulumi/stacks")).length >= 5);
    for (const { path, text } of [...states, ...filesBelow(site.stateFolder)])
      assert.deepEqual(hunted(text), [], path);
    assert.equal(statSync(site.stateFolder).mode & 0o077, 0);
    assert.deepEqual(readdirSync(join(site.stateFolder, "tmp")), []);
  });

  it("a PPK on its gateways' disks in files of root's alone, and what it is derived of on none", () => {
    const holding = (secret: string) => disks.filter(({ text }) => hunted(text).includes(secret));
    const holders = holding("PPK of euw1-a~use1-a");
    // In place, and among the releases, at both ends.
    assert.equal(holders.filter(({ path }) => path.endsWith("/conf.d/trunkline-ppk.conf")).length, 4);
    for (const { path, mode } of holders) assert.equal(mode, 0o600, path);
    for (const region of ["euw1", "use1", "apse2"]) assert.deepEqual(holding(`PPK seed of ${region}`), []);
  });

  it("a PSK on the disks of the one gateway that has it, in files of root's alone", () => {
    const holders = disks.filter(({ text }) => hunted(text).includes("PSK of apse2-1~use1-a"));
    // In place, and among the releases.
    assert.equal(holders.filter(({ path }) => path.endsWith("/conf.d/trunkline-psk.conf")).length, 2);
    for (const { path, mode } of holders) assert.equal(mode, 0o600, path);
  });

  it("none in the lab's logs and the engine's home; the lab's cloud, which holds user data, is its owner's alone", () => {
    const files = filesBelow(lab.folder).filter(({ path }) => path !== join(lab.folder, "world.json"));
    const open = files.flatMap(({ path, text }) => hunted(text).map((name) => `${path}: ${name}`));
    assert.deepEqual(open, []);
    assert.equal(statSync(lab.folder).mode & 0o077, 0);
  });
});

function spawnWatched(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, words, { env: { ...env }, stdio: "ignore" })
      .once("error", reject)
      .once("close", () => resolve());
  });
}
