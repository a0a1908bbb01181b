import { readFileSync } from "node:fs";
import { join } from "node:path";
import { status, type ServerWritableStream, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugins from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { z } from "zod";
import { ended, start, stopAll } from "./children";
import { parseProgram, pluginCommand, runCommand, sdkScript } from "./program";

/** The program told the user itself what was wrong (`@pulumi/pulumi/cmd/run`). */
const exitedAfterLogging = 32;

/** What of the service this host offers; the rest answers "unimplemented", as gRPC does by itself. */
type Offered = Pick<
  ILanguageRuntimeServer,
  | "handshake"
  | "getPluginInfo"
  | "getRequiredPackages"
  | "getRequiredPlugins"
  | "about"
  | "getProgramDependencies"
  | "installDependencies"
  | "run"
  | "runPlugin"
  | "cancel"
>;

/** @param options.engineAddress from the command line; an engine that shakes hands may name another */
export function languageRuntime(options: {
  engineAddress: string;
  version: string;
}): UntypedServiceImplementation {
  let { engineAddress } = options;
  const service = {
    handshake(call, callback) {
      engineAddress = call.request.getEngineAddress();
      callback(null, new language.LanguageHandshakeResponse());
    },
    getPluginInfo(_call, callback) {
      callback(null, new plugins.PluginInfo().setVersion(options.version));
    },
    // None in advance: each resource names its provider's version when it is registered.
    getRequiredPackages(_call, callback) {
      callback(null, new language.GetRequiredPackagesResponse());
    },
    getRequiredPlugins(_call, callback) {
      callback(null, new language.GetRequiredPluginsResponse());
    },
    about(_call, callback) {
      callback(
        null,
        new language.AboutResponse().setExecutable(process.execPath).setVersion(process.versions.node),
      );
    },
    getProgramDependencies(call, callback) {
      const { folder } = parseProgram(call.request.getInfo());
      const dependencies = directDependencies(folder).map(([name, version]) =>
        new language.DependencyInfo().setName(name).setVersion(version),
      );
      callback(null, new language.GetProgramDependenciesResponse().setDependenciesList(dependencies));
    },
    installDependencies(call) {
      void install(call);
    },
    run(call, callback) {
      runProgram(call.request, engineAddress).then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(null, new language.RunResponse().setError(String(error)));
        },
      );
    },
    runPlugin(call) {
      void runPlugin(call);
    },
    cancel(_call, callback) {
      stopAll();
      callback(null, new Empty());
    },
  } satisfies Offered;
  return service;
}

async function runProgram(
  request: language.RunRequest,
  engineAddress: string,
): Promise<language.RunResponse> {
  const program = parseProgram(request.getInfo());
  const command = runCommand(
    {
      program,
      pwd: request.getPwd(),
      args: request.getArgsList(),
      flags: {
        monitor: request.getMonitorAddress(),
        engine: engineAddress,
        organization: request.getOrganization(),
        project: request.getProject(),
        stack: request.getStack(),
        "root-directory": request.getInfo()?.getRootDirectory() ?? "",
        parallel: String(request.getParallel()),
      },
      dryRun: request.getDryrun(),
      config: Object.fromEntries(request.getConfigMap().toObject(false)),
      configSecretKeys: request.getConfigsecretkeysList(),
    },
    process.execPath,
    sdkScript(program.folder, "run"),
  );
  const code = await ended(start(command, ["ignore", "inherit", "inherit"]));
  const response = new language.RunResponse();
  if (code === exitedAfterLogging) return response.setBail(true);
  return code === 0 ? response : response.setError(`Program exited with non-zero exit code: ${String(code)}`);
}

async function runPlugin(
  call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>,
): Promise<void> {
  try {
    const { request } = call;
    const program = parseProgram(request.getInfo());
    const run = {
      program,
      pwd: request.getPwd(),
      args: request.getArgsList(),
      environment: request.getEnvList(),
    };
    const script = sdkScript(program.folder, "run-plugin");
    const child = start(pluginCommand(run, process.execPath, script), ["ignore", "pipe", "pipe"]);
    // The engine ends a plugin by cancelling the call.
    call.once("cancelled", () => child.kill("SIGTERM"));
    child.stdout?.on("data", (bytes: Uint8Array) =>
      call.write(new language.RunPluginResponse().setStdout(bytes)),
    );
    child.stderr?.on("data", (bytes: Uint8Array) =>
      call.write(new language.RunPluginResponse().setStderr(bytes)),
    );
    call.write(new language.RunPluginResponse().setExitcode(await ended(child)));
    call.end();
  } catch (error) {
    call.emit("error", { code: status.FAILED_PRECONDITION, details: String(error) });
  }
}

/** Component packages are asked to install before they run; one that already resolves its SDK is left alone. */
async function install(
  call: ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
): Promise<void> {
  const { folder } = parseProgram(call.request.getInfo());
  try {
    sdkScript(folder, "run");
  } catch {
    const command = { program: "npm", args: ["install", "--loglevel=error"], cwd: folder, environment: {} };
    const child = start(command, ["ignore", "pipe", "pipe"]);
    const { InstallDependenciesResponse } = language;
    child.stdout?.on("data", (bytes: Uint8Array) =>
      call.write(new InstallDependenciesResponse().setStdout(bytes)),
    );
    child.stderr?.on("data", (bytes: Uint8Array) =>
      call.write(new InstallDependenciesResponse().setStderr(bytes)),
    );
    const code = await ended(child).catch(() => 127);
    if (code !== 0) {
      const details = `\`npm install\` in ${folder} ended with status ${String(code)}.`;
      call.emit("error", { code: status.FAILED_PRECONDITION, details });
      return;
    }
  }
  call.end();
}

const packageFile = z.object({ dependencies: z.record(z.string(), z.string()).optional() });

function directDependencies(folder: string): [string, string][] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return Object.entries(packageFile.parse(parsed).dependencies ?? {});
  } catch {
    // `pulumi about` asks; a program without a readable package.json has no list to show.
    return [];
  }
}
