import { createRequire } from "node:module";
import { join } from "node:path";
import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** Where a program lies, and how its Pulumi.yaml wants it run. */
export interface Program {
  /** Absolute. */
  readonly folder: string;
  /** Relative to `folder`; `.` is what package.json's `main` names. */
  readonly entry: string;
  /** Loaded through ts-node, as Pulumi does unless `runtime.options.typescript` is false. */
  readonly typescript: boolean;
  /** `runtime.options.nodeargs`, split at blanks. */
  readonly nodeArguments: readonly string[];
}

/** One program to start, with nothing left to decide. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the host's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What `Run` gets, without protobuf. */
export interface ProgramRun {
  readonly program: Program;
  readonly pwd: string;
  readonly args: readonly string[];
  /** An empty value leaves its flag out. */
  readonly flags: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
}

export function parseProgram(info: ProgramInfo | undefined): Program {
  const options: Readonly<Record<string, unknown>> = info?.getOptions()?.toJavaScript() ?? {};
  const nodeArguments = options["nodeargs"];
  return {
    folder: info?.getProgramDirectory() ?? process.cwd(),
    entry: info?.getEntryPoint() ?? ".",
    typescript: options["typescript"] !== false,
    nodeArguments:
      typeof nodeArguments === "string" ? nodeArguments.split(/\s+/).filter((word) => word !== "") : [],
  };
}

/**
 * A script of the program's own @pulumi/pulumi, not of ours: two copies of the SDK in one process do not know each
 * other's resources.
 * @throws Error that says what to install
 */
export function sdkScript(folder: string, script: "run" | "run-plugin"): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${script}`);
  } catch {
    throw new Error(`The Pulumi SDK is not installed in ${folder}: run \`npm install\` there.`);
  }
}

/** @see sdk/nodejs/cmd/run in pulumi/pulumi: the flags and variables that it reads */
export function runCommand(run: ProgramRun, node: string, script: string): Command {
  const { program } = run;
  const flags = Object.entries(run.flags).flatMap(([flag, value]) =>
    value === "" ? [] : [`--${flag}`, value],
  );
  return {
    program: node,
    args: [
      ...program.nodeArguments,
      script,
      ...flags,
      ...(run.dryRun ? ["--dry-run"] : []),
      "--pwd",
      run.pwd,
      join(program.folder, program.entry),
      ...run.args,
    ],
    cwd: run.pwd,
    environment: {
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
      PULUMI_NODEJS_TYPESCRIPT: String(program.typescript),
    },
  };
}

/** What `RunPlugin` gets, without protobuf. */
export interface PluginRun {
  readonly program: Program;
  readonly pwd: string;
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
}

export function pluginCommand(run: PluginRun, node: string, script: string): Command {
  const { folder, entry, nodeArguments, typescript } = run.program;
  return {
    program: node,
    args: [...nodeArguments, script, join(folder, entry), ...run.args],
    cwd: run.pwd,
    environment: {
      ...Object.fromEntries(
        run.environment.map((line) => {
          const [name = "", ...value] = line.split("=");
          return [name, value.join("=")];
        }),
      ),
      PULUMI_NODEJS_TYPESCRIPT: String(typescript),
    },
  };
}
