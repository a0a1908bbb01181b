import { renameSync, rmSync, writeFileSync } from "node:fs";
import { writingTo } from "../failure";
import { type Proof, proofKinds } from "./proof";

const remedy = "Name another file with --junit FILE.";

/**
 * Makes sure, before anything is asked, that the report can be written; one of an earlier run is taken away, so that it is
 * never read as this one's.
 * @throws Failure `badInput` where the system refuses the place
 */
export function prepareJunit(path: string): void {
  writingTo(path, remedy, () => {
    writeFileSync(draftOf(path), "");
    rmSync(path, { force: true });
    rmSync(draftOf(path));
  });
}

/** Whole or not at all. @throws Failure `badInput` where the system refuses the place */
export function writeJunit(path: string, fleet: string, proofs: readonly Proof[]): void {
  writingTo(path, remedy, () => {
    writeFileSync(draftOf(path), junitText(fleet, proofs));
    renameSync(draftOf(path), path);
  });
}

function draftOf(path: string): string {
  return `${path}.draft`;
}

/** Proofs as JUnit's XML: a suite for each kind, a case for each proof. */
export function junitText(fleet: string, proofs: readonly Proof[]): string {
  const suites = proofKinds.flatMap((kind) => {
    const own = proofs.filter((proof) => proof.kind === kind);
    return own.length === 0
      ? []
      : [
          `  <testsuite name="${escaped(kind)}"${counts(own)}>\n${own.map(caseText).join("")}  </testsuite>\n`,
        ];
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(`trunkline ${fleet}`)}"${counts(proofs)}>\n${suites.join("")}</testsuites>\n`;
}

function counts(proofs: readonly Proof[]): string {
  const of = (status: Proof["status"]) => String(proofs.filter((proof) => proof.status === status).length);
  return ` tests="${String(proofs.length)}" failures="${of("fail")}" errors="0" skipped="${of("skip")}" time="${seconds(proofs.reduce((sum, proof) => sum + proof.seconds, 0))}"`;
}

function caseText(proof: Proof): string {
  const { kind, subject, observed, status } = proof;
  const head = `    <testcase classname="${escaped(`trunkline.${kind}`)}" name="${escaped(subject)}" time="${seconds(proof.seconds)}">`;
  const inner =
    status === "fail"
      ? `<failure type="${escaped(kind)}" message="${escaped(observed)}">${escaped(reasonText(proof))}</failure>`
      : status === "skip"
        ? `<skipped message="${escaped(observed)}"/>`
        : `<system-out>${escaped(reasonText(proof))}</system-out>`;
  return `${head}${inner}</testcase>\n`;
}

function reasonText({ expected, observed, evidence }: Proof): string {
  return `expected  ${expected}\nobserved  ${observed}\nevidence  ${evidence}`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

/** XML 1.0 has no way to write most control characters and half surrogates (section 2.2): U+FFFD in their place. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"\t\n\r]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
