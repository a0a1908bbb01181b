import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const root = dirname(dirname(__dirname));
const commands = [
  "init",
  "validate",
  "plan",
  "render",
  "preview",
  "up",
  "destroy",
  "status",
  "verify",
  "lab",
];

/** What a user has who takes the two packages from their tarballs, in an empty folder elsewhere. */
describe("the packed packages, installed elsewhere", function () {
  this.timeout(600_000);
  let home: string;
  let tarballs: string[];

  before(() => {
    home = mkdtempSync(join(tmpdir(), "packed-"));
    const place = join(home, "tarballs");
    mkdirSync(place);
    for (const workspace of ["trunkline", "@trunkline/cli"])
      npm(root, "pack", "--ignore-scripts", "--workspace", workspace, "--pack-destination", place);
    tarballs = readdirSync(place).map((name) => join(place, name));
    assert.equal(tarballs.length, 2);
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  /** An empty folder with these packages. */
  function install(name: string, ...packages: readonly string[]): string {
    const folder = join(home, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true }));
    npm(folder, "install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages);
    return folder;
  }

  describe("the command", () => {
    let folder: string;
    before(() => {
      folder = install("command", ...tarballs);
    });

    const trunkline = (...words: readonly string[]) => {
      const npx = ["--no-install", "trunkline", ...words];
      const { status, stdout, stderr } = spawnSync("npx", npx, {
        cwd: folder,
        env: { PATH: searchPath, HOME: folder, npm_config_update_notifier: "false" },
        encoding: "utf8",
      });
      return { status, stdout, stderr };
    };

    it("has every command, each with --help", () => {
      for (const command of commands) {
        const { status, stdout } = trunkline(command, "--help");
        assert.equal(status, 0, command);
        assert.match(stdout, new RegExp(`Usage: trunkline ${command}`));
      }
    });

    it("goes from init to render, and its files are where they should be", () => {
      for (const words of [["init"], ["validate"], ["plan"], ["render"]]) {
        const { status, stderr } = trunkline(...words);
        assert.equal(status, 0, stderr);
      }
      const [, schema = ""] = /\$schema=(\S+)/.exec(readFileSync(join(folder, "fleet.yaml"), "utf8")) ?? [];
      assert.ok(existsSync(join(folder, schema)), schema);
      assert.deepEqual(readdirSync(join(folder, "rendered")), ["euw1-a", "euw1-b", "use1-a", "use1-b"]);
      const rendered = readFileSync(join(folder, "rendered/use1-a/usr/local/sbin/trunkline-gateway"), "utf8");
      assert.match(rendered, /^#!\/usr\/bin\/(env )?python3/);
    });

    it("plans in JSON, and ends with the codes of the manual", () => {
      assert.equal(JSON.parse(trunkline("plan", "--json").stdout).format, "trunkline.plan/1");
      assert.equal(trunkline("up").status, 2);
      assert.equal(trunkline("plan", "-f", "none.yaml").status, 2);
      const { status, stdout } = trunkline("lab", "status", "--json");
      assert.equal(status, 2);
      assert.match(JSON.parse(stdout).error.message, /no lab answers/);
    });

    it("has what the set-up makes its artifacts from, under the same names as a checkout", () => {
      const names = (place: string): string =>
        execFileSync(
          process.execPath,
          [
            "-p",
            "JSON.stringify(require(process.argv[1]).artifactFolders())",
            join(place, "tools/setup/recipes.js"),
          ],
          { encoding: "utf8" },
        );
      assert.equal(names(join(folder, "node_modules/@trunkline/cli")), names(join(root, "packages/cli")));
    });

    for (const bin of ["trunkline", "trunkline-setup", "trunkline-demo"])
      it(`${bin} on an older Node says one sentence`, () => {
        const older = join(home, "older.cjs");
        writeFileSync(older, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });\n');
        const program = join(folder, "node_modules/@trunkline/cli/bin", `${bin}.js`);
        const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", older, program], {
          encoding: "utf8",
        });
        assert.deepEqual([status, stdout], [2, ""]);
        assert.match(
          stderr,
          new RegExp(`^${bin} needs Node 22\\.12 or newer; this is 20\\.20\\.2\\. Install Node 24 [^\n]*\n$`),
        );
      });
  });

  it("the library without any cloud's SDK loads, plans, and says what to install", () => {
    const [library = ""] = tarballs.filter((path) => /\/trunkline-\d/.test(path));
    const folder = install("library", library);
    assert.ok(!existsSync(join(folder, "node_modules/@pulumi/aws")));
    const said = node(
      folder,
      `const { VpnBackbone } = require("trunkline");
       const { parseFleet } = require("trunkline/fleet/parse");
       const fleet = parseFleet("fleet: a\\nregions: { r: { cloud: aws, region: us-east-1, cidr: 10.0.0.0/16 } }", "f");
       console.log(typeof VpnBackbone, fleet.ok);
       try { require("trunkline/aws"); } catch (error) { console.log(error.code); }`,
    );
    assert.equal(said, "function true\nMODULE_NOT_FOUND\n");
  });

  it("a user of AWS alone has its components", () => {
    const [library = ""] = tarballs.filter((path) => /\/trunkline-\d/.test(path));
    const manifest = JSON.parse(readFileSync(join(root, "packages/trunkline/package.json"), "utf8"));
    const folder = install("aws", library, `@pulumi/aws@${String(manifest.devDependencies["@pulumi/aws"])}`);
    const said = node(
      folder,
      `const { HaGatewayPair, GatewayNetwork } = require("trunkline/aws"); console.log(typeof HaGatewayPair, typeof GatewayNetwork);`,
    );
    assert.equal(said, "function function\n");
  });
});

/** This Node first: npm's and npx's own scripts start whichever they find. */
const searchPath = [dirname(process.execPath), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter);

function npm(cwd: string, ...words: readonly string[]): void {
  execFileSync("npm", [...words, "--silent"], {
    cwd,
    env: { ...process.env, PATH: searchPath },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function node(cwd: string, program: string): string {
  return execFileSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" });
}
