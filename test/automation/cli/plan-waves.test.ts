import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { trunkline } from "./command";

const page = readFileSync(join(__dirname, "../../../docs/rollout.md"), "utf8");
const [, fleet = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];

describe("trunkline plan --waves", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "waves-"));
    writeFileSync(join(folder, "fleet.yaml"), fleet);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("prints what docs/rollout.md says", async () => {
    const [, shown = ""] = /```\n\$ trunkline plan --waves\n([^]*?)```/.exec(page) ?? [];
    const { code, stdout, stderr } = await trunkline(folder, ["plan", "--waves"]);
    assert.deepEqual([code, stderr, stdout], [0, "", shown]);
  });

  it("--since says as JSON which stacks an edit changes: a region that joins, its neighbours, and no other machines", async () => {
    writeFileSync(join(folder, "before.yaml"), fleet.replace(/ {2}apse2: .*\n/, ""));
    const { code, stdout } = await trunkline(folder, ["plan", "--waves", "--since", "before.yaml", "--json"]);
    assert.equal(code, 0);
    const { waves } = z
      .object({
        format: z.literal("trunkline.waves/1"),
        waves: z.array(z.object({ changes: z.array(z.string()) })),
      })
      .parse(JSON.parse(stdout));
    assert.deepEqual(
      waves.map(({ changes }) => changes),
      [
        [],
        ["acme.region-apse2", "acme.trust"],
        ["acme.fabric-euw1"],
        ["acme.fabric-use1", "acme.fabric-apse2"],
      ],
    );
  });

  it("--markdown and --json say what an edit changes, and --exit-code whether anything does", async () => {
    writeFileSync(join(folder, "before.yaml"), fleet.replace(/ {2}apse2: .*\n/, ""));
    const plan = (...words: string[]) => trunkline(folder, ["plan", "--since", ...words]);
    const [some, none, json] = await Promise.all([
      plan("before.yaml", "--markdown", "--exit-code"),
      plan("fleet.yaml", "--markdown", "--exit-code"),
      plan("before.yaml", "--json"),
    ]);
    assert.deepEqual([some.code, none.code, json.code], [4, 0, 0]);
    assert.match(some.stdout, /^\*\*Fleet `acme`: gateways: 2 added, 4 changed; tunnels: 9 added; /);
    assert.equal(none.stdout, "**Fleet `acme`: nothing changes.**\n");
    const diff = z
      .object({
        format: z.literal("trunkline.plan-diff/1"),
        empty: z.literal(false),
        gateways: z.array(z.unknown()),
      })
      .parse(JSON.parse(json.stdout));
    assert.equal(diff.gateways.length, 6);
  });

  for (const { words, says } of [
    { words: ["--markdown", "--json"], says: /^--markdown and --json each stand alone\./ },
    { words: ["--exit-code"], says: /^--exit-code goes with --since or --markdown\./ },
    { words: ["--since", "fleet.yaml"], says: /^--since goes with --markdown, --json or --waves\./ },
    { words: ["--waves", "--crypto"], says: /^--crypto and --waves each stand alone\./ },
    {
      words: ["--waves", "--since", "other.yaml"],
      says: /^other\.yaml is of the fleet shop, and not of acme\./,
    },
  ])
    it(`${words.join(" ")} is refused`, async () => {
      writeFileSync(join(folder, "other.yaml"), fleet.replace("fleet: acme", "fleet: shop"));
      const { code, stderr } = await trunkline(folder, ["plan", ...words]);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
});
