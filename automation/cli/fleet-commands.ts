import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { cryptoReport } from "trunkline/fleet/crypto/report";
import { diffPlans, emptyPlan, isEmptyDiff } from "trunkline/fleet/diff/plan-diff";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { writePlan } from "trunkline/fleet/plan-json";
import { formatProblem } from "trunkline/fleet/problem";
import { renderPreview } from "trunkline/gateway/preview";
import { makeFolder } from "../../tools/setup/make-folder";
import { counted } from "../counted";
import { exitCodes, Failure, writingTo } from "../failure";
import { findGateway } from "../find-gateway";
import { loadFleet } from "../fleet-file";
import { ask } from "./ask";
import { createOutput } from "./output";
import { cryptoText } from "./crypto-text";
import { diffMarkdown, diffReport } from "./diff-text";
import { planText } from "./plan-text";
import { wavesReport, wavesText } from "./waves-text";
import { common, type CommonOptions } from "./program";

/** Commands that look at a fleet file and at nothing else. */
export function addFleetCommands(program: Command): void {
  common(program.command("init"))
    .description("write a fleet file to start from")
    .option("--name <NAME>", "the fleet's name", "acme")
    .option("--allow-from <CIDR...>", "networks that gateways are managed from")
    .action(async (options: InitOptions) => {
      if (existsSync(options.file))
        throw new Failure("badInput", `${options.file} is there already.`, "Name another with -f FILE.");
      const text = template(options.name, options.allowFrom ?? (await askWhoManages(options)));
      checkTemplate(text);
      writingTo(options.file, "Name another with -f FILE.", () =>
        writeFileSync(options.file, text, { flag: "wx" }),
      );
      createOutput(options.json === true).result(
        { file: options.file },
        () => `Wrote ${options.file}. Next: trunkline plan`,
      );
    });

  common(program.command("validate"))
    .description("check a fleet file: every problem at once, with its line")
    .action((options: CommonOptions) => {
      const { plan, warnings } = loadFleet(options.file);
      createOutput(options.json === true).result({ fleet: plan.fleet, warnings }, () =>
        [
          ...warnings.map(formatProblem),
          `${options.file} is sound: ${counted(plan.regions.length, "region")}, ${counted(plan.links.length, "link")}.`,
        ].join("\n"),
      );
    });

  common(program.command("plan"))
    .description("what would be built and routed, before and after any loss")
    .option("--crypto", "how well each link is protected, in place of it: suites, strength, quantum exposure")
    .option("--waves", "in which order up goes through the stacks, in place of it")
    .option("--markdown", "what changes, in place of it, for a comment; without --since everything is new")
    .option("--since <FILE>", "what changes beside this fleet file, such as the one that is up")
    .option("--exit-code", "with --since or --markdown: end with 4 where something changes")
    .action(async (options: PlanOptions) => {
      const { fleet, plan, warnings } = loadFleet(options.file);
      checkPlanOptions(options);
      const before = options.since === undefined ? undefined : planBefore(options.since, plan.fleet);
      if (options.exitCode === true && !isEmptyDiff(diffPlans(before ?? emptyPlan(plan), plan)))
        process.exitCode = exitCodes.changes;
      if (options.waves === true) {
        const report = wavesReport(plan, fleet.rollout, before);
        createOutput(options.json === true).result(report, () => wavesText(report));
        return;
      }
      if (options.markdown === true || before !== undefined) {
        const report = diffReport(before, plan, fleet.rollout);
        createOutput(options.json === true).result(report, () => diffMarkdown(report));
        return;
      }
      if (options.crypto === true) {
        const report = cryptoReport(plan);
        createOutput(options.json === true).result(report, () => cryptoText(report));
        return;
      }
      if (options.json === true) {
        await writePlan(plan, (text) => writeOut(text));
        return;
      }
      createOutput(false).result(plan, () => planText(plan, warnings));
    });

  common(program.command("render"))
    .description("write what each gateway would be told, as far as a plan alone can tell")
    .option("--out <DIR>", "folder to write into", "rendered")
    .option("--gateway <ID>", "this gateway only")
    .action((options: CommonOptions & { readonly out: string; readonly gateway?: string }) => {
      const { plan } = loadFleet(options.file);
      const ids = plan.regions.flatMap(({ gateways }) => gateways.map(({ id }) => id));
      if (options.gateway !== undefined) findGateway(plan, options.gateway);
      const written: string[] = [];
      for (const id of options.gateway === undefined ? ids : [options.gateway])
        for (const [path, content] of Object.entries(renderPreview(plan, id).files)) {
          const target = join(options.out, id, path);
          writingTo(target, "Name another folder with --out DIR.", () => {
            makeFolder(dirname(target));
            writeFileSync(target, content);
          });
          written.push(target);
        }
      createOutput(options.json === true).result(
        { files: written },
        () => `Wrote ${counted(written.length, "file")} below ${options.out}.`,
      );
    });
}

interface PlanOptions extends CommonOptions {
  readonly crypto?: boolean;
  readonly waves?: boolean;
  readonly markdown?: boolean;
  readonly since?: string;
  readonly exitCode?: boolean;
}

/** @throws Failure `badInput` for options that say nothing together */
function checkPlanOptions({ crypto, waves, markdown, since, exitCode, json }: PlanOptions): void {
  const views = [
    ...(crypto === true ? ["--crypto"] : []),
    ...(waves === true ? ["--waves"] : []),
    ...(markdown === true ? ["--markdown"] : []),
  ];
  if (views.length > 1)
    throw new Failure("badInput", `${views.join(" and ")} each stand alone.`, "Ask for one after the other.");
  if (since !== undefined && (crypto === true || (views.length === 0 && json !== true)))
    throw new Failure(
      "badInput",
      "--since goes with --markdown, --json or --waves.",
      "Add one of them, or leave --since out.",
    );
  if (markdown === true && json === true)
    throw new Failure("badInput", "--markdown and --json each stand alone.", "Ask for one after the other.");
  if (exitCode === true && since === undefined && markdown !== true)
    throw new Failure(
      "badInput",
      "--exit-code goes with --since or --markdown.",
      "Add one, or leave it out.",
    );
}

/** @throws Failure `badInput` for another fleet: all of its stacks would be others */
function planBefore(file: string, fleet: string): Plan {
  const { plan } = loadFleet(file);
  if (plan.fleet !== fleet)
    throw new Failure(
      "badInput",
      `${file} is of the fleet ${plan.fleet}, and not of ${fleet}.`,
      "Name an earlier file of the same fleet.",
    );
  return plan;
}

interface InitOptions extends CommonOptions {
  readonly name: string;
  readonly allowFrom?: readonly string[];
}

/** A cloud needs an answer, the lab does not: nothing is one, and so is nobody to ask. */
async function askWhoManages({ json }: InitOptions): Promise<readonly string[]> {
  if (json === true || !process.stdin.isTTY) return [];
  const said = await ask(
    "Networks that gateways are managed from, such as 203.0.113.0/24 (none: for the lab only): ",
  );
  return said.split(/[\s,]+/).filter((word) => word !== "");
}

/**
 * What was asked for is checked before it is written.
 * @throws Failure `badInput` naming the option
 */
function checkTemplate(text: string): void {
  const parsed = parseFleet(text, "fleet.yaml");
  const [first] = parsed.ok ? [] : parsed.problems;
  if (first === undefined) return;
  const option =
    first.path === "fleet" ? "--name: " : first.path.startsWith("management") ? "--allow-from: " : "";
  throw new Failure("badInput", `${option}${first.message}`, first.remedy);
}

function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function template(name: string, allowFrom: readonly string[]): string {
  const management =
    allowFrom.length === 0
      ? `# Who may manage the gateways; a cloud needs it, the lab does not.
# management: { allowFrom: [203.0.113.0/24] }
`
      : `# Who may manage the gateways.
management: { allowFrom: [${allowFrom.map(plain).join(", ")}] }
`;
  return `# yaml-language-server: $schema=node_modules/trunkline/fleet/fleet.schema.json
fleet: ${plain(name)}
${management}regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
`;
}

/** A scalar that is read as text, whatever it says; in quotes where YAML 1.2 would read it as something else. */
function plain(text: string): string {
  const isText = /^([a-z][a-z0-9-]*|[0-9.]+\/[0-9]+)$/.test(text) && !/^(true|false|null)$/.test(text);
  return isText ? text : JSON.stringify(text);
}
