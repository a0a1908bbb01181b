import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayAccess } from "../../../automation/gateway-access";
import { openStateFolder } from "../../../automation/runner/state-folder";
import { type LiveFleet, Session, type SessionOptions } from "../../../automation/session";
import type { Site } from "../../../automation/site";
import { eventText } from "../../../automation/up";
import type { LabClient } from "../../../lab/client/client";
import { down, up } from "../../../lab/commands";
import { engineEnvironment } from "../../../lab/engine-environment";
import { stackGraph } from "../../../stacks/graph";
import { artifacts } from "../../../tools/setup/artifacts";
import { fleetPlan } from "../fleets";
import { type Seen, watchProcesses } from "../watch";

/** What nobody but its owner may see, under a name for the report. */
const planted = {
  passphrase: "planted-passphrase-3f9c1d7a5e",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/plantedEXAMPLEKEY",
  PULUMI_ACCESS_TOKEN: "pul-plantedplantedplantedplantedplanted1",
};

describe("secrets, hunted wherever a run of the command leaves something", function () {
  this.timeout(600_000);
  const plan = fleetPlan(["euw1", "use1"]);
  let folder: string;
  let lab: LabClient;
  let site: Site;
  let seen: Seen;
  let live: LiveFleet;
  const said: string[] = [];

  const options: SessionOptions = {
    stop: new AbortController().signal,
    stopNow: new AbortController().signal,
    onEvent: (event) => said.push(JSON.stringify(event), eventText(event) ?? ""),
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "secrets-"));
    lab = await up({ folder: join(folder, "lab"), recorded: true });
    const stateFolder = join(folder, "state");
    mkdirSync(stateFolder, { mode: 0o700 });
    const { passphrase, ...credentials } = planted;
    writeFileSync(join(stateFolder, "passphrase"), passphrase, { mode: 0o600 });
    site = {
      kind: "lab",
      environment: engineEnvironment(lab, { ...process.env, ...credentials }),
      stateFolder,
      pulumiRoot: artifacts().pulumiRoot,
    };
    const watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
    const session = Session.open(plan, site, "trunkline up");
    try {
      await session.run("up", options);
      live = await session.live(options);
      // After it: a preview's outputs, which are none, take the place of what the session knows.
      await session.run("preview", options);
      const access = new GatewayAccess(site, live, openStateFolder(stateFolder, site.environment).temporary);
      try {
        await access.run("use1-a", "true");
      } finally {
        access.close();
      }
    } finally {
      session.release();
      seen = watch.stop();
    }
  });
  after(async () => {
    lab.close();
    await down({ folder: lab.folder });
    rmSync(folder, { recursive: true, force: true });
  });

  /** Every private key of the run, asked of the engine's encrypted state, and what was planted. */
  const secrets = (): Map<string, string> => {
    const state = openStateFolder(site.stateFolder, site.environment);
    const found = new Map<string, string>(Object.entries(planted));
    for (const { name } of stackGraph(plan)) {
      const words = ["stack", "export", "--show-secrets", "--stack", name, "--non-interactive"];
      const text = execFileSync(join(site.pulumiRoot, "bin", "pulumi"), words, {
        cwd: state.workDir(name),
        env: { ...site.environment, ...state.environment },
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      for (const [, body = ""] of text.matchAll(/BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/g)) {
        // Keys of one kind begin alike; they end each in its own way.
        const end = body
          .replace(/\\+n|\s/g, "")
          .replace(/=+$/, "")
          .slice(-40);
        found.set(`private key of ${name} …${end.slice(-4)}`, end);
      }
    }
    return found;
  };

  /** Names of the secrets that stand in a text, as they are or in base64. */
  const hunt = (text: string): string[] => {
    const flat = text.replace(/\\+n|[\r\n]/g, "");
    return [...secretsOnce()].flatMap(([name, secret]) =>
      [secret, ...inBase64(secret)].some((form) => flat.includes(form)) ? [name] : [],
    );
  };
  let known: Map<string, string> | undefined;
  const secretsOnce = () => (known ??= secrets());

  it("there are keys to hunt, and the hunter finds what lies open", () => {
    const names = [...secretsOnce().keys()];
    // Root, intermediate, and of each of four gateways the key that may push and the first host key.
    assert.ok(names.filter((name) => name.startsWith("private key")).length >= 10, names.join("\n"));
    assert.deepEqual(hunt(readFileSync(join(site.stateFolder, "passphrase"), "utf8")), ["passphrase"]);
    const push = live.regions[0]?.gateways[0]?.pushKey ?? "";
    assert.equal(hunt(push).length, 1);
    assert.equal(hunt(JSON.stringify({ push })).length, 1);
    assert.ok(hunt(Buffer.from(`x${planted.passphrase}y`).toString("base64")).includes("passphrase"));
  });

  it("none in events and in what is printed of them", () => {
    assert.ok(said.length > 100);
    assert.deepEqual(hunt(said.join("\n")), []);
  });

  it("none in the words or the environment of any process", () => {
    assert.ok([...seen.argv].some((word) => word.endsWith("bin/pulumi")));
    assert.ok(seen.variables.size > 10);
    assert.deepEqual(hunt([...seen.argv].join("\n")), []);
    assert.deepEqual(hunt([...seen.variables].join("\n")), []);
  });

  it("none in the state folder, but for the passphrase in its own file, its owner's alone", () => {
    const files = filesBelow(site.stateFolder);
    assert.ok(files.some(({ path }) => path.endsWith("input.json")));
    assert.ok(files.filter(({ path }) => path.includes(".pulumi/stacks")).length >= 5);
    for (const { path, text } of files)
      assert.deepEqual(hunt(text), path === join(site.stateFolder, "passphrase") ? ["passphrase"] : [], path);
    assert.equal(statSync(site.stateFolder).mode & 0o077, 0);
    assert.equal(statSync(join(site.stateFolder, "passphrase")).mode & 0o077, 0);
    assert.deepEqual(readdirSync(join(site.stateFolder, "tmp")), []);
  });

  it("none in the lab's logs and the engine's home; the lab's cloud, which holds user data, is its owner's alone", () => {
    const files = filesBelow(lab.folder).filter(({ path }) => path !== join(lab.folder, "world.json"));
    const open = files.flatMap(({ path, text }) => hunt(text).map((name) => `${path}: ${name}`));
    assert.deepEqual(open, []);
    assert.equal(statSync(lab.folder).mode & 0o077, 0);
  });
});

/** As it stands in base64, whatever stands before it. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from(`${"-".repeat(before)}${secret}`).toString("base64");
    // The first and the last letters depend on the neighbours.
    return text.slice(before === 0 ? 0 : 4, -4);
  });
}

function filesBelow(folder: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}
