import { spawn } from "node:child_process";
import { copyFileSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Plan } from "trunkline/fleet/plan";
import { regionHandover, trustHandover } from "trunkline/stacks/handover";
import { labManagement, type LabSite } from "../cli/lab-door";
import { Failure } from "../failure";
import { openStateFolder, wipeTemporary } from "../runner/state-folder";
import type { LiveFleet, SessionOptions } from "../session";
import { makeFolder } from "../../tools/setup/make-folder";

const outputs = z.object({ handover: z.string() });
const live = z.strictObject({ regions: z.array(regionHandover), trust: trustHandover });

/**
 * The second door: the root Pulumi.yaml, by the plain engine, as a user of `pulumi up` would.
 * @param file the fleet file that the plan is of: the engine's program reads it itself
 */
export async function runEnvironment(
  { plan, file }: { readonly plan: Plan; readonly file: string },
  site: LabSite,
  run: SessionOptions,
): Promise<LiveFleet> {
  const state = openStateFolder(site.stateFolder, site.environment);
  const project = projectIn(join(state.root, "environment"), checkout());
  const environment = { ...site.environment, ...state.environment };
  const program = join(site.pulumiRoot, "bin", "pulumi");
  const pulumi = (...words: string[]): Promise<string> =>
    execute(program, [...words, "--non-interactive", "--cwd", project], environment, run.stop);
  const stack = ["--stack", "demo"];
  await pulumi("stack", "select", "--create", ...stack);
  await pulumi("config", "set", "trunkline:fleetFile", resolve(file), ...stack);
  const allowed = ["trunkline:managementAllowFrom[0]", labManagement[0] ?? ""];
  await pulumi("config", "set", "--path", ...allowed, ...stack);
  const printed = await pulumi("up", "--yes", "--skip-preview", "--color", "never", ...stack)
    .then(() => pulumi("stack", "output", "--json", "--show-secrets", ...stack))
    .finally(() => wipeTemporary(state));
  const { regions, trust } = live.parse(JSON.parse(outputs.parse(JSON.parse(printed)).handover));
  for (const { region, networkId } of regions) await site.addWorkload(plan, region, networkId);
  return { regions, trust };
}

/** The checkout's Pulumi.yaml, in a folder of its own: the engine writes a stack's configuration beside it. */
export function projectIn(folder: string, root: string): string {
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder, 0o700);
  copyFileSync(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  for (const name of ["packages", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  return folder;
}

function checkout(): string {
  const found = [join(__dirname, "..", ".."), join(__dirname, "..", "..", "..", "..")].find((folder) =>
    existsSync(join(folder, "Pulumi.yaml")),
  );
  if (found === undefined)
    throw new Failure(
      "badInput",
      "There is no Pulumi.yaml here.",
      "Run --environment in a checkout of Trunkline.",
    );
  return found;
}

function execute(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let stdout = "";
    let stderr = "";
    const interrupt = (): void => void child.kill("SIGINT");
    stop.addEventListener("abort", interrupt);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      stop.removeEventListener("abort", interrupt);
      if (code === 0) resolve(stdout);
      else
        reject(
          new Failure(
            "proofFailed",
            `pulumi ${words[0] ?? ""}: ${`${stdout}\n${stderr}`.trim().slice(-3000)}`,
          ),
        );
    });
  });
}
