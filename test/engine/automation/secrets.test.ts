import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
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

/**
 * What a user has in the environment and nobody else may see. It reaches the engine's processes by the environment, as it
 * must in a cloud, and must get no further.
 */
const planted = {
  PULUMI_CONFIG_PASSPHRASE: "planted-passphrase-3f9c1d7a5e",
  AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjEPLANTEDTOKEN0123456789",
  ARM_CLIENT_SECRET: "8Q~plantedplantedplantedplanted",
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
  let known = new Map<string, string>();
  /** The state folder's files while the fleet is up. */
  let states: readonly File[];
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
    site = {
      kind: "cloud",
      environment: { ...engineEnvironment(lab), ...planted },
      stateFolder,
      pulumiRoot: artifacts().pulumiRoot,
    };
    const watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
    const session = Session.open(plan, site, "trunkline up");
    try {
      await session.run("up", options);
      await session.run("preview", options);
      live = await session.live(options);
      known = secrets();
      const access = new GatewayAccess(site, live, openStateFolder(stateFolder, site.environment).temporary);
      try {
        const { code, stdout, stderr } = await access.run("use1-a", "trunkline-gateway status");
        assert.equal(code, 0, stderr);
        said.push(stdout, stderr);
      } finally {
        access.close();
      }
      states = filesBelow(stateFolder);
      await session.run("destroy", { ...options, protectedResources: "included" });
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
        const part = secretPart(body.replace(/\\+n|\s/g, ""));
        // One key may stand in the state of several stacks.
        if (![...found.values()].includes(part))
          found.set(`private key of ${name} ${part.slice(0, 4)}…`, part);
      }
    }
    return found;
  };

  /** Names of the secrets that stand in a text, as they are or in base64. */
  const hunt = (text: string): string[] => {
    const flat = text.replace(/\\+n|[\r\n]/g, "");
    return [...known].flatMap(([name, secret]) =>
      [secret, ...inBase64(secret)].some((form) => flat.includes(form)) ? [name] : [],
    );
  };

  it("there are keys to hunt, and the hunter finds what lies open, in files and words", async () => {
    const names = [...known.keys()];
    // Root, intermediate, and of each of four gateways the key that may push and the first host key.
    assert.ok(names.filter((name) => name.startsWith("private key")).length >= 10, names.join("\n"));
    const passphrase = planted.PULUMI_CONFIG_PASSPHRASE;
    const push = live.regions[0]?.gateways[0]?.pushKey ?? "";
    assert.equal(hunt(push).length, 1);
    assert.equal(hunt(JSON.stringify({ push })).length, 1);
    assert.deepEqual(hunt(Buffer.from(`x${passphrase}y`).toString("base64")), ["PULUMI_CONFIG_PASSPHRASE"]);

    const leak = join(folder, "leak");
    mkdirSync(leak);
    writeFileSync(join(leak, "a.json"), JSON.stringify({ push }));
    assert.equal(filesBelow(leak).flatMap(({ text }) => hunt(text)).length, 1);
    const watch = watchProcesses(`TRUNKLINE_LAB=${lab.folder}`);
    await spawnWatched(["-e", "setTimeout(() => undefined, 1000)", passphrase], site.environment);
    assert.deepEqual(hunt([...watch.stop().argv].join("\n")), ["PULUMI_CONFIG_PASSPHRASE"]);
  });

  it("none in events and in what is printed of them", () => {
    assert.ok(said.length > 100);
    assert.deepEqual(hunt(said.join("\n")), []);
  });

  it("none in the words of any process", () => {
    assert.ok([...seen.argv].some((word) => word.endsWith("bin/pulumi")));
    assert.deepEqual(hunt([...seen.argv].join("\n")), []);
    // They did have them to lose.
    assert.ok(hunt([...seen.variables].join("\n")).includes("AWS_SECRET_ACCESS_KEY"));
  });

  it("none in the state folder, with the fleet up and after it is gone", () => {
    assert.ok(states.some(({ path }) => path.endsWith("input.json")));
    assert.ok(states.filter(({ path }) => path.includes(".pulumi/stacks")).length >= 5);
    for (const { path, text } of [...states, ...filesBelow(site.stateFolder)])
      assert.deepEqual(hunt(text), [], path);
    assert.equal(statSync(site.stateFolder).mode & 0o077, 0);
    assert.deepEqual(readdirSync(join(site.stateFolder, "tmp")), []);
  });

  it("none in the lab's logs and the engine's home; the lab's cloud, which holds user data, is its owner's alone", () => {
    const files = filesBelow(lab.folder).filter(({ path }) => path !== join(lab.folder, "world.json"));
    const open = files.flatMap(({ path, text }) => hunt(text).map((name) => `${path}: ${name}`));
    assert.deepEqual(open, []);
    assert.equal(statSync(lab.folder).mode & 0o077, 0);
  });
});

interface File {
  readonly path: string;
  readonly text: string;
}

function spawnWatched(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, words, { env: { ...env }, stdio: "ignore" })
      .once("error", reject)
      .once("close", () => resolve());
  });
}

/**
 * Of a key in base64, what nobody else can know: a key also holds its public half, which stands in certificates.
 * @throws Error when it is of a form that is not known here
 */
function secretPart(body: string): string {
  const bytes = Buffer.from(body, "base64");
  const slice = (start: number, length: number): string =>
    body.slice(Math.ceil(start / 3) * 4, Math.floor((start + length) / 3) * 4);
  // RFC 5915: version 1, then the scalar as an octet string.
  for (const length of [32, 48]) {
    const at = bytes.indexOf(Buffer.from([2, 1, 1, 4, length]));
    if (at >= 0) return slice(at + 5, length);
  }
  // RFC 8410: an Ed25519 seed is an octet string in an octet string.
  const seed = bytes.indexOf(Buffer.from([4, 34, 4, 32]));
  if (seed >= 0) return slice(seed + 4, 32);
  // OpenSSH, PROTOCOL.key: the private part comes last. Curve, public point, scalar; or public key, seed, public key.
  const curve = bytes.lastIndexOf("nistp");
  const point = curve + 8;
  if (curve >= 0) return slice(point + 4 + bytes.readUInt32BE(point) + 4, 32);
  const edwards = bytes.lastIndexOf("ssh-ed25519");
  if (edwards < 0) throw new Error(`a key that begins with ${body.slice(0, 12)}`);
  return slice(edwards + 11 + 4 + 32 + 4, 32);
}

/** As it stands in base64, whatever stands before it. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from(`${"-".repeat(before)}${secret}`).toString("base64");
    // The first and the last letters depend on the neighbours.
    return text.slice(before === 0 ? 0 : 4, -4);
  });
}

function filesBelow(folder: string): File[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}
