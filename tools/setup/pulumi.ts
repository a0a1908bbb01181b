import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { checkPulumi } from "./checks";
import { probeGo } from "./probes";
import { run } from "./processes";
import { findInstalled, vendorAnswers, vendorHost } from "./pulumi-sources";
import { pulumiVersion, sourceRoot } from "./recipes";
import { SetupError } from "./setup-error";
import type { Stage } from "./stage";

const cliPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
/** Packages that the CLI consists of, modules that hold them; only for the progress line. */
const goPackages = 1600;
const downloadMs = 300_000;

/** The CLI from where it is nearest: one already installed, the vendor's download, Go. */
export async function makePulumi(stage: Stage): Promise<Record<string, string>> {
  const { work, progress } = stage;
  mkdirSync(join(work, "bin"));
  const installed = findInstalled();
  if (installed !== undefined) {
    progress("copying the installed one");
    for (const name of ["pulumi", "pulumi-language-nodejs"]) {
      const source = join(dirname(installed), name);
      if (existsSync(source)) cpSync(source, join(work, "bin", name), { dereference: true });
    }
    return { from: installed };
  }
  if (await vendorAnswers(stage.signal)) {
    progress("downloading the vendor's CLI");
    if (await download(stage)) return { from: vendorHost };
  }
  progress("its download cannot be reached; building it from source");
  const refused = checkPulumi({ available: false, go: probeGo() });
  if (refused !== undefined) throw refused;
  return build(stage);
}

/** Through the Automation API's own installer, over TLS; in a process of its own, so that an interrupt ends it. */
async function download({ work, log, signal }: Stage): Promise<boolean> {
  const script = join(__dirname, `vendor-download${extname(__filename)}`);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(downloadMs)]);
    await run(process.execPath, [...process.execArgv, script, work], {
      signal: limit,
      log,
      purpose: "Downloading the Pulumi CLI",
    });
    return true;
  } catch {
    signal.throwIfAborted();
    rmSync(join(work, "bin"), { recursive: true, force: true });
    mkdirSync(join(work, "bin"));
    return false;
  }
}

/** From the Go modules that go.sum names: about 5 minutes on two cores. */
async function build({ work, log, signal, progress }: Stage): Promise<Record<string, string>> {
  const scratch = join(work, "scratch");
  const source = join(scratch, "source");
  mkdirSync(source, { recursive: true });
  for (const name of ["go.mod", "go.sum"])
    copyFileSync(join(sourceRoot, "tools/pulumi", name), join(source, name));
  // The user's module folder stays as it is; the build cache is in the user's cache folder anyway.
  const env = {
    GOMODCACHE: join(scratch, "modules"),
    GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false -trimpath",
    GOWORK: "off",
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOARCH: "amd64",
  };
  const go = { cwd: source, env, signal, log };
  const goVersion = (await run("go", ["version"], { ...go, purpose: "Asking for Go's version" })).trim();
  let modules = 0;
  await run("go", ["list", "-deps", "-x", "-f", "{{.ImportPath}}", cliPackage], {
    ...go,
    onLine: (line) => {
      if (!/^# get .*\.zip: 200/.test(line)) return;
      modules += 1;
      progress(`downloading Go modules, ${String(modules)} of about 250`);
    },
    purpose: "Downloading the Pulumi CLI's source as Go modules",
  });
  let packages = 0;
  const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`;
  await run(
    "go",
    ["build", "-v", "-ldflags", `-s -w -X ${version}`, "-o", join(work, "bin/pulumi"), cliPackage],
    {
      ...go,
      onLine: () => {
        packages += 1;
        progress(`compiling package ${String(packages)} of about ${String(Math.max(goPackages, packages))}`);
      },
      purpose: "Building the Pulumi CLI",
    },
  );
  const made = (
    await run(join(work, "bin/pulumi"), ["version"], { ...go, purpose: "Trying the new CLI" })
  ).trim();
  if (made !== `v${pulumiVersion}`)
    throw new SetupError(
      "BuildFailed",
      `The Pulumi CLI that was built says it is ${made}, not v${pulumiVersion}.`,
    );
  chmodSync(join(work, "bin/pulumi"), 0o755);
  progress("removing the source");
  rmSync(scratch, { recursive: true, force: true });
  return { from: "source", go: goVersion };
}
