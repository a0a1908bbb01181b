import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import type { LabClient } from "../../lab/client/client";
import { down, up } from "../../lab/commands";
import { engineEnvironment } from "../../lab/engine-environment";
import { artifacts } from "../../tools/setup/artifacts";

/** A lab without kernels, a file backend and the real CLI: what an engine test runs in. */
export interface Engine {
  readonly folder: string;
  readonly lab: LabClient;
  /** Of every child. */
  readonly environment: Readonly<Record<string, string>>;
  /** A stack of the one project, with a program of its own. */
  stack(name: string, program: PulumiFn): Promise<Stack>;
  close(): Promise<void>;
}

export const projectName = "trunkline";

export async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const labPath = join(folder, "lab");
  const lab = await up({ folder: labPath, recorded: true });
  const backend = join(folder, "state");
  const temporary = join(folder, "tmp");
  for (const path of [backend, temporary]) mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(folder, "passphrase"), "engine tests\n", { mode: 0o600 });
  const environment = {
    ...engineEnvironment({ folder: labPath }),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
    TMPDIR: temporary,
  };
  const pulumiCommand = await PulumiCommand.get({ root: artifacts().pulumiRoot, skipVersionCheck: true });
  return {
    folder,
    lab,
    environment,
    stack(name, program) {
      const workDir = join(folder, "work", name);
      mkdirSync(workDir, { recursive: true });
      return LocalWorkspace.createOrSelectStack(
        { stackName: name, projectName, program },
        { workDir, pulumiCommand, envVars: environment },
      );
    },
    async close() {
      lab.close();
      await down({ folder: labPath });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
