import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import type { LabClient } from "../../lab/client/client";
import { withoutSidecars } from "../../automation/runner/sidecars";
import { engineEnvironment } from "../../lab/engine-environment";
import { artifacts } from "../../tools/setup/artifacts";
import { down, up, withoutLoader } from "./compiled";

/** A lab without kernels, a file backend and the real CLI: what an engine test runs in. */
export interface Engine {
  readonly folder: string;
  readonly lab: LabClient;
  /** Where `bin/pulumi` is. */
  readonly pulumiRoot: string;
  /** Of every child. */
  readonly environment: Readonly<Record<string, string>>;
  /** A stack of the one project, with a program of its own. */
  stack(name: string, program: PulumiFn): Promise<Stack>;
  close(): Promise<void>;
}

export const projectName = "trunkline";

/**
 * @param around variables that the caller has besides its own. Automation's runner gives a child exactly the lab's
 *   environment; here this process takes it on until `close`, because the Automation API hands its own to the CLI.
 */
export async function startEngine(around: Readonly<Record<string, string>> = {}): Promise<Engine> {
  const own = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const labPath = join(folder, "lab");
  const lab = await up({ folder: labPath, recorded: true });
  const backend = join(folder, "state");
  const temporary = join(folder, "tmp");
  for (const path of [backend, temporary]) mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(folder, "passphrase"), "engine tests\n", { mode: 0o600 });
  const environment = {
    ...engineEnvironment({ folder: labPath }, { ...own, ...around }),
    PULUMI_BACKEND_URL: `file://${backend}?${withoutSidecars}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
    TMPDIR: temporary,
  };
  const { pulumiRoot } = artifacts();
  become(environment);
  const giveLoaderBack = withoutLoader();
  const pulumiCommand = await PulumiCommand.get({ root: pulumiRoot, skipVersionCheck: true });
  const opened = new Map<string, Stack>();
  return {
    folder,
    lab,
    pulumiRoot,
    environment,
    async stack(name, program) {
      const workDir = join(folder, "work", name);
      mkdirSync(workDir, { recursive: true });
      const stack =
        opened.get(name) ??
        (await LocalWorkspace.createOrSelectStack(
          { stackName: name, projectName, program },
          { workDir, pulumiCommand, envVars: environment },
        ));
      opened.set(name, stack);
      stack.workspace.program = program;
      // The SDK asks twice after each update, to know which are secret, and each time the engine derives its key anew.
      stack.workspace.stackOutputs = async () => {
        const words = ["stack", "output", "--json", "--show-secrets", "--stack", name];
        const { stdout } = await promisify(execFile)(join(pulumiRoot, "bin/pulumi"), words, {
          cwd: workDir,
          env: environment,
        });
        const values = z.record(z.string(), z.unknown()).parse(JSON.parse(stdout));
        return Object.fromEntries(
          Object.entries(values).map(([key, value]) => [key, { value, secret: false }]),
        );
      };
      return stack;
    },
    async close() {
      become(own);
      giveLoaderBack();
      lab.close();
      await down({ folder: labPath });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function become(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, environment);
}
