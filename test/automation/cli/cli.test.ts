import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { labHost } from "../../../automation/cli/lab-host";
import { loadFleet } from "../../../automation/fleet-file";
import { buildProgram } from "../../../automation/cli/program";
import { atTerminal, trunkline } from "./command";

const regions = `regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
`;
const fleet = `fleet: acme\nmanagement: { allowFrom: [203.0.113.0/24] }\n${regions}`;
const commands = [
  "init",
  "validate",
  "plan",
  "render",
  "preview",
  "up",
  "destroy",
  "status",
  "rollback",
  "verify",
  "lab",
];
const credentials = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "example" };

describe("the command trunkline", function () {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cli-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (text: string): void => writeFileSync(join(folder, "fleet.yaml"), text);

  it("init, validate, plan and render, one after the other", async () => {
    const init = await trunkline(folder, ["init", "--name", "shop", "--allow-from", "203.0.113.0/24"]);
    assert.deepEqual([init.code, init.stderr], [0, ""]);
    assert.equal((await trunkline(folder, ["validate"])).code, 0);
    const plan = await trunkline(folder, ["plan", "--json"]);
    const { links } = z
      .object({ links: z.array(z.object({ tunnels: z.array(z.object({ id: z.string() })) })) })
      .parse(JSON.parse(plan.stdout));
    assert.deepEqual(
      links.flatMap(({ tunnels }) => tunnels.map(({ id }) => id)),
      ["euw1-a~use1-a", "euw1-a~use1-b", "euw1-b~use1-a", "euw1-b~use1-b"],
    );
    assert.equal((await trunkline(folder, ["render", "--out", "out"])).code, 0);
    assert.deepEqual(readdirSync(join(folder, "out")), ["euw1-a", "euw1-b", "use1-a", "use1-b"]);
    const again = await trunkline(folder, ["init"]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already/);
  });

  it("plan --crypto shows how well each link is protected, as text and as JSON, and nothing else", async () => {
    write(fleet);
    const shown = await trunkline(folder, ["plan", "--crypto"]);
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    assert.match(
      shown.stdout,
      /^euw1~use1 +4 +aes256gcm16-prfsha384-ecp384 +aes256gcm16-ecp384 +192 +exposed /m,
    );
    const { stdout } = await trunkline(folder, ["plan", "--crypto", "--json"]);
    const report = z
      .object({ format: z.literal("trunkline.crypto/1"), links: z.array(z.object({ link: z.string() })) })
      .parse(JSON.parse(stdout));
    assert.deepEqual(
      report.links.map(({ link }) => link),
      ["euw1~use1", "euw1", "use1"],
    );
  });

  it("init refuses what would be no fleet, names the option, and writes nothing", async () => {
    for (const { words, says } of [
      { words: ["--name", "Acme Corp"], says: /^--name: "Acme Corp" is no fleet name\.\nWrite at most 31/ },
      { words: ["--name", "a\nregions: {}"], says: /^--name: / },
      { words: ["--name", "true"], says: undefined },
      { words: ["--allow-from", "10.0.0.1/8"], says: /^--allow-from: "10\.0\.0\.1\/8" has bits set/ },
      {
        words: ["-f", "nowhere/fleet.yaml"],
        says: /^nowhere\/fleet\.yaml cannot be written: there is no such/,
      },
    ]) {
      const { code, stderr } = await trunkline(folder, ["init", ...words]);
      assert.equal(code, says === undefined ? 0 : 2, stderr);
      if (says !== undefined) {
        assert.match(stderr, says);
        assert.deepEqual(readdirSync(folder), []);
        continue;
      }
      assert.equal((await trunkline(folder, ["validate"])).code, 0);
      rmSync(join(folder, "fleet.yaml"));
    }
  });

  it("init asks who manages the gateways, when there is somebody to ask", async () => {
    const asked = await atTerminal(folder, ["init"], {
      waitsFor: "managed from",
      types: "203.0.113.0/24, 198.51.100.7/32\n",
    });
    assert.equal(asked.code, 0, asked.text);
    const text = readFileSync(join(folder, "fleet.yaml"), "utf8");
    assert.match(text, /^management: \{ allowFrom: \[203\.0\.113\.0\/24, 198\.51\.100\.7\/32\] \}$/m);
    rmSync(join(folder, "fleet.yaml"));
    const none = await atTerminal(folder, ["init"], { waitsFor: "managed from", types: "\n" });
    assert.equal(none.code, 0, none.text);
    assert.equal((await trunkline(folder, ["validate"])).code, 0);
  });

  it("the schema that init names is where a package has it", () => {
    const root = join(__dirname, "..", "..", "..");
    const [, named = ""] =
      /\$schema=node_modules\/(\S+)/.exec(
        readFileSync(join(root, "automation/cli/fleet-commands.ts"), "utf8"),
      ) ?? [];
    assert.deepEqual(
      JSON.parse(readFileSync(join(root, "packages", named), "utf8")),
      JSON.parse(readFileSync(join(root, "docs/fleet.schema.json"), "utf8")),
    );
  });

  it("a question that is answered with Ctrl-C or the end of input: 130, and nothing is touched", async () => {
    write(fleet);
    for (const key of ["\u0003", "\u0004"]) {
      const { code, text } = await atTerminal(
        folder,
        ["destroy"],
        { waitsFor: "its name to go on", types: key },
        credentials,
      );
      assert.equal(code, 130, text);
      assert.match(text, /Nothing was touched/);
    }
    assert.deepEqual(readdirSync(folder), ["fleet.yaml"]);
  });

  it("verify --failover that cannot be tried: 2, and nothing is touched", async () => {
    write(fleet);
    for (const { words, says } of [
      {
        words: ["--failover"],
        says: /^--failover takes power .* in the lab alone; nothing was touched\.\nAdd --lab/,
      },
      {
        words: ["--failover", "power,fire", "--lab"],
        says: /^--failover: "fire" is no kind of loss\.\nKinds of/,
      },
      { words: ["--failover=", "--lab"], says: /^--failover: "" is no kind of loss/ },
      { words: ["--failover", "--gateway", "use1-c", "--lab"], says: /^The fleet has no gateway use1-c\./ },
      { words: ["--gateway", "use1-a", "--lab"], says: /^--gateway goes with --failover\./ },
    ]) {
      const { code, stderr } = await trunkline(folder, ["verify", ...words], credentials);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
    assert.deepEqual(readdirSync(folder), ["fleet.yaml"]);
  });

  it("with --json words that are wrong are said in JSON, too", async () => {
    for (const words of [
      ["plan", "--json", "--colour"],
      ["lab", "fly", "--json"],
      ["plan", "-f", "none.yaml", "--json"],
    ]) {
      const { code, stdout } = await trunkline(folder, words);
      assert.equal(code, 2);
      const { error } = z
        .object({ error: z.object({ kind: z.literal("badInput"), message: z.string() }) })
        .parse(JSON.parse(stdout));
      assert.ok(error.message.length > 10 && !error.message.includes("ENOENT"), error.message);
    }
  });

  it("render into a place that cannot be: 2, not our fault", async () => {
    write(fleet);
    const { code, stderr } = await trunkline(folder, ["render", "--out", "fleet.yaml"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /cannot be written: .*\nName another folder with --out DIR\.$/m);
  });

  it("render into /proc, where no folder can be made: the same, and it ends", async () => {
    write(fleet);
    const { code, stderr } = await trunkline(folder, ["render", "--out", "/proc/x/y"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^\/proc\/x\/y\/.* cannot be written: .*\nName another folder with --out DIR\.$/m);
  });

  it("up in a lab whose folder cannot be made: the same, and how to name another", async () => {
    write(fleet);
    const { code, stderr } = await trunkline(folder, ["up", "--lab"], { TRUNKLINE_LAB: "/proc/x/lab" });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /folder \/proc\/x\/lab cannot be made \(ENOENT\)\. Set TRUNKLINE_LAB/);
  });

  it("one of a thing is one", async () => {
    write(fleet.replace(/^ {2}euw1.*\n/m, ""));
    assert.match((await trunkline(folder, ["validate"])).stdout, /1 region, 0 links\./);
  });

  it("every problem at once as FILE:LINE:COLUMN, as text and as JSON; 2", async () => {
    write("fleet: Bad\nregions:\n  use1: { cloud: aws, region: mars-1, cidr: 10.10.0.1/16 }\n");
    const text = await trunkline(folder, ["validate"]);
    assert.equal(text.code, 2);
    const places = [...text.stderr.matchAll(/^(fleet\.yaml:\d+:\d+) {2}error {2}\w+/gm)].map(
      ([, place]) => place,
    );
    assert.ok(places.length >= 3, text.stderr);
    const json = await trunkline(folder, ["validate", "--json"]);
    const problem = z.looseObject({ code: z.string(), message: z.string() });
    const said = z
      .object({ error: z.object({ kind: z.literal("badInput"), problems: z.array(problem) }) })
      .parse(JSON.parse(json.stdout));
    assert.equal(json.code, 2);
    assert.equal(said.error.problems.length, places.length);
  });

  it("a file that is not there, an option that is not there, a command that is not there: 2, and what to do", async () => {
    for (const words of [["plan", "-f", "none.yaml"], ["plan", "--colour"], ["fly"], ["plan", "-f", "."]]) {
      const { code, stderr } = await trunkline(folder, words);
      assert.equal(code, 2, words.join(" "));
      assert.ok(stderr.length > 20 && !/\n\s+at /.test(stderr), stderr);
    }
  });

  it("up on the clouds without management or credentials: says what to write, touches nothing", async () => {
    write(`fleet: acme\n${regions}`);
    const unmanaged = await trunkline(folder, ["up", "--yes"], credentials);
    assert.equal(unmanaged.code, 2);
    assert.match(unmanaged.stderr, /management: \{ allowFrom: \[203\.0\.113\.0\/24\] \}/);
    write(fleet);
    const anonymous = await trunkline(folder, ["up", "--yes"], { AWS_EC2_METADATA_DISABLED: "true" });
    assert.equal(anonymous.code, 2);
    assert.match(anonymous.stderr, /AWS_PROFILE/);
    assert.deepEqual(readdirSync(folder), ["fleet.yaml"]);
  });

  it("up with credentials and nobody to ask: refuses", async () => {
    write(fleet);
    const cache = process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache");
    const { code, stderr } = await trunkline(folder, ["up"], { ...credentials, XDG_CACHE_HOME: cache });
    assert.equal(code, 2, stderr);
  });

  it("destroy wants the fleet's name, word for word", async () => {
    write(fleet);
    const wrong = await trunkline(folder, ["destroy", "--confirm", "acne"], credentials);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /"acne" is not the fleet's name/);
    const silent = await trunkline(folder, ["destroy"], credentials);
    assert.equal(silent.code, 2);
    assert.match(silent.stderr, /--confirm acme/);
    assert.ok(!existsSync(join(folder, ".trunkline")));
  });

  for (const command of ["rollback", "drain", "undrain", "restart", "replace"])
    it(`${command} of a gateway that the fleet does not have, or of none: 2, and which there are`, async () => {
      write(fleet);
      const none = await trunkline(folder, [command], credentials);
      assert.equal(none.code, 2, none.stderr);
      const said = await trunkline(folder, [command, "use1-z", "--json"], credentials);
      assert.equal(said.code, 2, said.stderr);
      const { error } = z
        .object({ error: z.object({ message: z.string(), remedy: z.string() }) })
        .parse(JSON.parse(said.stdout));
      assert.match(error.message, /no gateway use1-z/);
      assert.match(error.remedy, /use1-a, use1-b/);
      assert.deepEqual(readdirSync(folder), ["fleet.yaml"]);
    });

  it("each command has -f, --json and --help", async () => {
    const program = buildProgram();
    for (const name of commands) {
      const command = program.commands.find((candidate) => candidate.name() === name);
      assert.ok(command, name);
      for (const one of name === "lab" ? command.commands : [command]) {
        const options = one.options.map(({ long }) => long);
        assert.ok(options.includes("--file") && options.includes("--json"), `${name} ${one.name()}`);
      }
    }
    const help = await trunkline(folder, ["up", "--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--lab/);
  });

  it("makes a completion script for a shell that it knows, and for no other", async () => {
    assert.equal((await trunkline(folder, ["completion", "fish"])).code, 0);
    const { code, stdout, stderr } = await trunkline(folder, ["completion", "tcsh"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /Allowed choices are bash, zsh, fish/);
  });

  it("a gateway goes by its id in lab's commands; a file that is named must be sound, and none is needed", async () => {
    const machines = [
      { id: "i-1", name: "acme-use1-pair-a" },
      { id: "i-2", name: "acme-euw1-pair-a" },
    ];
    write(fleet);
    const { plan } = loadFleet(join(folder, "fleet.yaml"));
    const host = (word: string) => labHost(word, plan, () => Promise.resolve(machines));
    assert.deepEqual(await Promise.all(["use1-a", "euw1-a"].map(host)), ["i-1", "i-2"]);
    assert.deepEqual(await Promise.all(["use1-b", "internet", "i-2"].map(host)), [
      "use1-b",
      "internet",
      "i-2",
    ]);
    const down = ["lab", "down", "--json"];
    assert.deepEqual((await trunkline(folder, [...down, "-f", "fleet.yaml"])).code, 0);
    write("fleet: acme\nregions: {}\n");
    assert.equal((await trunkline(folder, down)).code, 0);
    const { code, stdout } = await trunkline(folder, [...down, "-f", "fleet.yaml"]);
    assert.equal(code, 2);
    assert.match(stdout, /"kind": "badInput"/);
  });

  it("docs/cli.md names every command and every option", () => {
    const page = readFileSync(join(__dirname, "..", "..", "..", "docs", "cli.md"), "utf8");
    for (const command of buildProgram().commands) {
      assert.ok(page.includes(`\`${command.name()}`), command.name());
      for (const { long } of command.options)
        assert.ok(page.includes(long ?? ""), `${command.name()} ${long ?? ""}`);
    }
  });
});
