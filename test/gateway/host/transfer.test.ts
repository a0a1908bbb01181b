import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { HostFolder, memory, smallRelease } from "./machine";

const said = z.object({ sent: z.array(z.int()), whole: z.string().nullable() });

describe("a release on its way to a gateway", function () {
  const big = smallRelease(
    Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `/etc/frr/part-${String(index)}`,
        String(index).repeat(20 + index * 97),
      ]),
    ),
  );
  let folder: string;
  before(() => (folder = mkdtempSync(join(memory, "trunkline-cuts-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("cut anywhere, any number of times, and sent again: it ends staged, and nothing whole is sent twice", () => {
    const bundle = join(folder, "bundle");
    writeFileSync(bundle, big.bundle);
    const tries = fc.sample(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 5 }), 150);
    const answers = execFileSync(
      "python3",
      [
        "-sB",
        join(__dirname, "cuts.py"),
        join(__dirname, "../../../gateway/host"),
        bundle,
        ...tries.map((cuts) => cuts.join(",")),
      ],
      { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", TMPDIR: folder } },
    )
      .trim()
      .split("\n")
      .map((line) => said.parse(JSON.parse(line)));
    assert.equal(answers.length, tries.length);
    for (const [index, { sent, whole }] of answers.entries()) {
      const cuts = tries[index] ?? [];
      assert.equal(whole, big.name, `cut at ${cuts.join(", ")}`);
      // A naive count of what must have arrived whole: at least this part of the lines that were sent, less one.
      for (const [round, part] of cuts.entries()) {
        const before = sent[round] ?? 0;
        const after = sent[round + 1] ?? 0;
        assert.ok(after <= before, `round ${String(round)} of ${cuts.join(", ")}: ${sent.join(", ")}`);
        if (part > 900 && before > 15)
          assert.ok(after < before / 2, `${cuts.join(", ")}: ${sent.join(", ")}`);
      }
    }
  });

  it("of a release like the one before, only what differs is asked for", () => {
    const host = new HostFolder();
    try {
      assert.equal(host.run(["stage"], { stdin: big.bundle }).code, 0);
      const next = smallRelease({
        "/etc/frr/part-3": "another\n",
        "/etc/frr/part-4": "4".repeat(20 + 4 * 97),
      });
      const [program, manifest] = next.bundle.split("\n");
      const { code, stdout } = host.receive(["missing"], `${program ?? ""}\n${manifest ?? ""}\n`);
      assert.equal(code, 0);
      const asked = stdout.trim().split("\n");
      const lines = next.bundle.split("\n").filter((line) => asked.includes(line.split(" ")[0] ?? ""));
      assert.deepEqual(
        lines.map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString()),
        ["another\n"],
      );
    } finally {
      host.remove();
    }
  });
});
