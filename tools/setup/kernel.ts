import { copyFileSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ownApt } from "./debian";
import { run } from "./processes";
import { formatSize } from "./progress";
import { ingredientPaths, kernelSources, sourceRoot } from "./recipes";
import { SetupError } from "./setup-error";
import type { Stage } from "./stage";
import { whileGrowing } from "./while-growing";

/** Files that gcc compiles for it; only for the progress line. */
const compiledFiles = 1230;

/** Downloads Debian's kernel source and builds user-mode Linux with our configuration: about 7 minutes on two cores. */
export async function makeKernel({ work, log, signal, progress }: Stage): Promise<Record<string, string>> {
  const step = { signal, log };
  const scratch = join(work, "scratch");
  mkdirSync(scratch);
  const { source, deb } = await download(scratch, step, progress);

  progress(`unpacking ${formatSize(statSync(join(scratch, deb)).size)}`);
  await run("dpkg-deb", ["-x", deb, "unpacked"], {
    ...step,
    cwd: scratch,
    purpose: "Unpacking the kernel source",
  });
  rmSync(join(scratch, deb));
  await run("tar", ["-xf", join("unpacked/usr/src", `${source}.tar.xz`)], {
    ...step,
    cwd: scratch,
    purpose: "Unpacking the kernel source",
  });
  rmSync(join(scratch, "unpacked"), { recursive: true });

  const tree = join(scratch, source);
  const config = ingredientPaths(sourceRoot).kernelConfig;
  // The time and place of a build would make every build's bytes its own.
  const build = {
    KBUILD_BUILD_TIMESTAMP: "1970-01-01",
    KBUILD_BUILD_USER: "trunkline",
    KBUILD_BUILD_HOST: "lab",
  };
  const make = { ...step, cwd: tree, env: build };
  await run("make", ["ARCH=um", "defconfig"], { ...make, purpose: "Configuring the kernel" });
  await run("scripts/kconfig/merge_config.sh", ["-m", "-O", ".", ".config", config], {
    ...make,
    purpose: "Configuring the kernel",
  });
  await run("make", ["ARCH=um", "olddefconfig"], { ...make, purpose: "Configuring the kernel" });
  const ignored = ignoredOptions(readFileSync(config, "utf8"), readFileSync(join(tree, ".config"), "utf8"));
  if (ignored.length > 0)
    throw new SetupError(
      "BuildFailed",
      `This kernel source ignores lines of ${config}: ${ignored.join(", ")}.`,
    );

  let compiled = 0;
  const onLine = (line: string) => {
    if (!/^\s+(CC|AS)\s/.test(line)) return;
    compiled += 1;
    progress(`compiling file ${String(compiled)} of about ${String(Math.max(compiledFiles, compiled))}`);
  };
  await run("make", ["ARCH=um", `-j${String(availableParallelism())}`, "linux"], {
    ...make,
    onLine,
    purpose: "Compiling the kernel",
  });
  renameSync(join(tree, "linux"), join(work, "linux"));
  copyFileSync(join(tree, ".config"), join(work, "config"));
  progress("removing the source");
  rmSync(scratch, { recursive: true, force: true });
  return { source: deb };
}

/** The first of the sources that Debian's mirror has. @throws SetupError of the last one when it has none */
async function download(
  scratch: string,
  step: Pick<Stage, "signal" | "log">,
  progress: Stage["progress"],
): Promise<{ readonly source: string; readonly deb: string }> {
  let last: unknown;
  for (const { name, from } of kernelSources) {
    const env = ownApt(join(scratch, `apt-${name}`), from);
    try {
      progress(`reading Debian's package lists of ${from}`);
      await run("apt-get", ["update", "-q", "--error-on=any"], {
        ...step,
        env,
        purpose: "Reading Debian's package lists",
      });
      await whileGrowing(scratch, ".deb", (bytes) => {
        progress(`downloading ${name}, ${formatSize(bytes)}`);
      })(
        run("apt-get", ["download", "-q", name], {
          ...step,
          env,
          cwd: scratch,
          purpose: "Fetching Debian's kernel source",
        }),
      );
      const [deb] = globSync("*.deb", { cwd: scratch });
      if (deb !== undefined) return { source: name, deb };
      throw new SetupError("BuildFailed", `apt-get downloaded no ${name}; see ${step.log}.`);
    } catch (error) {
      if (step.signal.aborted) throw error;
      last = error;
      for (const half of globSync("*.deb*", { cwd: scratch })) rmSync(join(scratch, half));
    }
  }
  throw last;
}

/**
 * Lines of the wanted configuration that the kernel's own one does not have: Kconfig drops, without a word, what does
 * not exist or whose dependencies are unmet.
 */
export function ignoredOptions(wanted: string, effective: string): string[] {
  const have = new Map(options(effective));
  return options(wanted).flatMap(([name, value]) =>
    (have.get(name) ?? "n") === value ? [] : [`${name}=${value}`],
  );
}

function options(config: string): [string, string][] {
  return [...config.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);
}
