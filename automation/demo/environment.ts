import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Plan } from "trunkline/fleet/plan";
import { regionHandover, trustHandover } from "trunkline/stacks/handover";
import { labManagement, type LabSite } from "../cli/lab-door";
import { Failure } from "../failure";
import { openStateFolder } from "../runner/state-folder";
import type { LiveFleet, SessionOptions } from "../session";

const handovers = z.object({
  handover: z.object({ regions: z.array(regionHandover), trust: trustHandover }),
});

/**
 * The second door: the root Pulumi.yaml, by the plain engine, as a user of `pulumi up` would.
 * @param file the fleet file that the plan is of: the engine's program reads it itself
 */
export async function runEnvironment(
  { plan, file }: { readonly plan: Plan; readonly file: string },
  site: LabSite,
  run: SessionOptions,
): Promise<LiveFleet> {
  const root = checkout();
  const state = openStateFolder(site.stateFolder, site.environment);
  const config = join(state.root, "config");
  mkdirSync(config, { recursive: true, mode: 0o700 });
  const pulumi = (...words: string[]): Promise<string> =>
    execute(
      join(site.pulumiRoot, "bin", "pulumi"),
      [...words, "--non-interactive", "--cwd", root],
      {
        ...site.environment,
        ...state.environment,
      },
      run.stop,
    );
  const configFile = ["--config-file", join(config, "Pulumi.demo.yaml")];
  await pulumi("stack", "select", "--create", "demo");
  await pulumi("config", "set", "trunkline:fleetFile", resolve(file), "--stack", "demo", ...configFile);
  await pulumi(
    "config",
    "set",
    "--path",
    "trunkline:managementAllowFrom[0]",
    labManagement[0] ?? "",
    "--stack",
    "demo",
    ...configFile,
  );
  await pulumi("up", "--yes", "--skip-preview", "--stack", "demo", "--color", "never", ...configFile);
  const printed = await pulumi("stack", "output", "--json", "--show-secrets", "--stack", "demo");
  const { handover } = handovers.parse(JSON.parse(printed));
  for (const { region, networkId } of handover.regions) await site.addWorkload(plan, region, networkId);
  return handover;
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
