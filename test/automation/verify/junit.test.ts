import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { junitText, prepareJunit, writeJunit } from "../../../automation/verify/junit";
import { type Proof, proofKinds } from "../../../automation/verify/proof";
import { trunkline } from "../cli/command";

const parsedCase = z.object({
  suite: z.string(),
  classname: z.string(),
  name: z.string(),
  time: z.string(),
  result: z.string(),
  message: z.string().nullable(),
  text: z.string().nullable(),
});
const parsedReport = z.object({ root: z.record(z.string(), z.string()), cases: z.array(parsedCase) });

/** As Python's parser of XML reads them. */
function readBack(reports: readonly string[]): z.infer<typeof parsedReport>[] {
  const program = `
import json, sys
from xml.etree import ElementTree
found = []
for text in json.load(sys.stdin):
    root = ElementTree.fromstring(text.encode())
    cases = []
    for suite in root:
        for case in suite:
            inner, = case
            cases.append(dict(case.attrib, suite=suite.get("name"), result=inner.tag, message=inner.get("message"), text=inner.text))
    found.append({"root": root.attrib, "cases": cases})
json.dump(found, sys.stdout)
`;
  const said = execFileSync("python3", ["-c", program], { input: JSON.stringify(reports), encoding: "utf8" });
  return z.array(parsedReport).parse(JSON.parse(said));
}

const proof: Proof = {
  id: "sa/euw1-a~use1-b",
  kind: "sa",
  subject: "euw1-a~use1-b",
  expected: "ESTABLISHED",
  observed: 'no SA "<none>" & nothing',
  status: "fail",
  evidence: "swanctl --list-sas on euw1-a:\n\tnothing ]]> \u0000\u001b[31m \uD800",
  seconds: 1.25,
};

describe("proofs as JUnit's XML", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "junit-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("each proof is a case, one that failed with its reason and evidence, one that was skipped with why", () => {
    const skipped: Proof = {
      ...proof,
      kind: "failover",
      subject: "use1-a/power",
      status: "skip",
      observed: "alone",
    };
    const passed: Proof = {
      ...proof,
      subject: "other",
      status: "pass",
      observed: "ESTABLISHED",
      evidence: "asked",
    };
    const [report] = readBack([junitText("acme", [skipped, passed, proof])]);
    assert.deepEqual(report?.root, {
      name: "trunkline acme",
      tests: "3",
      failures: "1",
      errors: "0",
      skipped: "1",
      time: "3.750",
    });
    assert.deepEqual(report?.cases, [
      {
        suite: "sa",
        classname: "trunkline.sa",
        name: "other",
        time: "1.250",
        result: "system-out",
        message: null,
        text: "expected  ESTABLISHED\nobserved  ESTABLISHED\nevidence  asked",
      },
      {
        suite: "sa",
        classname: "trunkline.sa",
        name: "euw1-a~use1-b",
        time: "1.250",
        result: "failure",
        message: 'no SA "<none>" & nothing',
        text: 'expected  ESTABLISHED\nobserved  no SA "<none>" & nothing\nevidence  swanctl --list-sas on euw1-a:\n\tnothing ]]> \uFFFD\uFFFD[31m \uFFFD',
      },
      {
        suite: "failover",
        classname: "trunkline.failover",
        name: "use1-a/power",
        time: "1.250",
        result: "skipped",
        message: "alone",
        text: null,
      },
    ]);
  });

  it("law: whatever stands in a proof, a parser of XML finds it again", () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(..."<>&\"'\n\r\t]!-"),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
    });
    const proofs = fc.array(
      fc.record({
        id: text,
        kind: fc.constantFrom(...proofKinds),
        subject: text,
        expected: text,
        observed: text,
        status: fc.constantFrom("pass", "fail", "skip" as const),
        evidence: text,
        seconds: fc.float({ min: 0, max: 1000, noNaN: true }),
      }),
    );
    const lists = fc.sample(proofs, { seed: 3, numRuns: 150 });
    const reports = readBack(lists.map((list) => junitText("acme", list)));
    const known = (of: string) =>
      of.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
    lists.forEach((list, index) => {
      const byKind = proofKinds.flatMap((kind) => list.filter((one) => one.kind === kind));
      assert.deepEqual(
        reports[index]?.cases.map(({ name, message }) => [name, message]),
        byKind.map(({ subject, observed, status }) => [
          known(subject),
          status === "pass" ? null : known(observed),
        ]),
      );
    });
  });

  it("is whole or not there: an earlier run's goes first, and no draft is left", () => {
    const path = join(folder, "proofs.xml");
    writeFileSync(path, "of yesterday");
    prepareJunit(path);
    assert.ok(!existsSync(path));
    writeJunit(path, "acme", [proof]);
    assert.equal(readFileSync(path, "utf8"), junitText("acme", [proof]));
    assert.deepEqual(readdirSync(folder), ["proofs.xml"]);
  });

  it("a place that cannot be written is refused before anything is asked", () => {
    assert.throws(
      () => prepareJunit(join(folder, "nowhere", "proofs.xml")),
      /proofs\.xml cannot be written: there is no such file or folder/,
    );
  });

  it("trunkline verify --junit refuses such a place, and takes the file of an earlier run away though it cannot begin", async () => {
    const refused = await trunkline(folder, ["verify", "--junit", "nowhere/proofs.xml"]);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /^nowhere\/proofs\.xml cannot be written: .*\nName another file with --junit FILE\./,
    );
    writeFileSync(join(folder, "proofs.xml"), "of yesterday");
    const { code, stderr } = await trunkline(folder, ["verify", "--junit", "proofs.xml"]);
    assert.equal(code, 2);
    assert.match(stderr, /^fleet\.yaml cannot be read/);
    assert.deepEqual(readdirSync(folder), []);
  });
});
