import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "trunkline/fleet/plan";
import { makeFolder } from "../../tools/setup/make-folder";
import type { Proof } from "../verify/proof";
import { renderPage } from "./page";

export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

export interface DemoReport {
  readonly plan: Plan;
  readonly proofs: readonly Proof[];
  readonly phases: readonly Phase[];
}

/** Writes `demo.json` and `demo.html`, each whole or not at all. @returns their paths */
export function writeReport(
  folder: string,
  report: DemoReport,
): { readonly json: string; readonly html: string } {
  makeFolder(folder);
  const json = join(folder, "demo.json");
  const html = join(folder, "demo.html");
  const { proofs, phases } = report;
  writeWhole(json, `${JSON.stringify({ proofs, phases }, undefined, 2)}\n`);
  writeWhole(html, renderPage(report));
  return { json, html };
}

function writeWhole(path: string, text: string): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
