import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "./artifacts";
import { makeBase } from "./base";
import { cacheFolder } from "./cache";
import * as checks from "./checks";
import { makeImage } from "./image";
import { makeKernel } from "./kernel";
import { acquireLock, type LockHolder } from "./lock";
import { obtain } from "./obtain";
import * as probes from "./probes";
import { run } from "./processes";
import { formatSize, type Progress } from "./progress";
import { makePulumi } from "./pulumi";
import { findInstalled, vendorAnswers } from "./pulumi-sources";
import {
  artifactFolders,
  artifactNames,
  type ArtifactName,
  defaultImage,
  imageArtifacts,
  type ImageName,
} from "./recipes";
import { isBase, isPresent, requirements } from "./requirements";
import { SetupError } from "./setup-error";
import type { Stage } from "./stage";

export interface SetUpOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Also what the repository's tests call. */
  readonly forTests: boolean;
  /** Of further releases, beside the default one. */
  readonly images: readonly ImageName[];
}

/** What making it fills in the cache folder, at the most: measured, and rounded up. */
const roomBytes: Readonly<Record<ArtifactName, number>> = {
  pulumi: 5e9,
  kernel: 2.5e9,
  base: 1.5e9,
  image: 0.5e9,
  "debian-12-base": 1.5e9,
  "debian-12-image": 0.5e9,
  "cloud-base": 1.5e9,
  "cloud-image": 0.7e9,
};

/**
 * Checks the machine, then makes what is missing.
 * @throws SetupError, or an AggregateError of several: all that is wrong with the machine, before anything long begins
 */
export async function setUp({ progress, signal, forTests, images }: SetUpOptions): Promise<void> {
  throwFindings([checks.checkPlatform(process)]);
  const cache = cacheFolder();
  const folders = artifactFolders();
  const releases = [...new Set<ImageName>([defaultImage, ...images])];
  const absent = (name: ArtifactName) => !existsSync(join(cache, folders[name]));
  const wanted = new Set<ArtifactName>(["pulumi", "kernel"]);
  for (const { base, image } of releases.map((release) => imageArtifacts[release])) {
    // Once the image is there, nobody needs what it was made from.
    if (absent(image)) wanted.add(base).add(image);
  }
  const toMake = artifactNames.filter((name) => wanted.has(name) && absent(name));
  const root = probes.isRoot();
  const need = { artifacts: toMake, root, forTests };
  if (root) await installPackages(cache, need, progress, signal);

  throwFindings([
    checks.checkPrograms({ missing: unmet(need), apt: isPresent({ program: "apt-get", package: "apt" }) }),
    checks.checkPtrace(probes.probePtrace()),
    checks.checkMemoryFolder(probes.probeMemoryFolders()),
    ...(toMake.length === 0 ? [] : await findings(cache, toMake, signal)),
  ]);

  const failures = new AbortController();
  const both = AbortSignal.any([signal, failures.signal]);
  const make = (name: ArtifactName, title: string, how: (stage: Stage) => Promise<Record<string, string>>) =>
    obtainShown({ cache, folders, name, title, how, progress, signal: both });
  const lanes = [
    // Compiling keeps the processors busy, bringing Debian the network: one after the other, and side by side.
    async () => {
      await make("pulumi", "Pulumi CLI", makePulumi);
      await make("kernel", "kernel", makeKernel);
    },
    async () => {
      for (const release of releases) {
        const names = imageArtifacts[release];
        if (!toMake.includes(names.image)) continue;
        const which = release === defaultImage ? "" : ` (${release})`;
        const base = await make(names.base, `Debian${which}`, (stage) =>
          makeBase(stage, root ? "root" : "unshare", release),
        );
        await make(names.image, `image${which}`, (stage) => makeImage(stage, base, release));
      }
    },
  ];
  const results = await Promise.allSettled(
    lanes.map((lane) =>
      lane().catch((error: unknown) => {
        failures.abort();
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  const errors = results.flatMap((result) => (result.status === "rejected" ? [reasonOf(result)] : []));
  const own = errors.filter((error) => !(error instanceof Error && error.name === "AbortError"));
  if (own.length > 0) throw own.length === 1 ? own[0] : new AggregateError(own);
  artifacts(cache);
  progress.say(`${toMake.length === 0 ? "Everything is" : "All"} set up in ${cache}.`);
}

function reasonOf({ reason }: PromiseRejectedResult): unknown {
  return reason;
}

function throwFindings(found: readonly checks.Finding[]): void {
  const problems = found.filter((finding) => finding !== undefined);
  const [first, ...others] = problems;
  if (first !== undefined) throw others.length === 0 ? first : new AggregateError(problems);
}

async function findings(
  cache: string,
  toMake: readonly ArtifactName[],
  signal: AbortSignal,
): Promise<checks.Finding[]> {
  const writable = checks.checkCacheWritable(probes.probeWritable(cache));
  const neededBytes = toMake.reduce((sum, name) => sum + roomBytes[name], 0);
  const installed = toMake.includes("pulumi") ? findInstalled() : undefined;
  return [
    writable ?? checks.checkSpace({ folder: cache, freeBytes: probes.freeBytes(cache), neededBytes }),
    toMake.some(isBase) ? checks.checkUserNamespaces(probes.probeUserNamespaces()) : undefined,
    toMake.includes("pulumi")
      ? checks.checkPulumi({
          available: installed !== undefined || (await vendorAnswers(signal)),
          go: probes.probeGo(),
        })
      : undefined,
  ];
}

function unmet(need: Parameters<typeof requirements>[0]): checks.Requirement[] {
  return requirements(need).filter((requirement) => !isPresent(requirement));
}

/** The one thing that changes the host outside of the cache, so it is said. */
async function installPackages(
  cache: string,
  need: Parameters<typeof requirements>[0],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (unmet(need).length === 0 || !isPresent({ program: "apt-get", package: "apt" })) return;
  const onWait = (holder: LockHolder | undefined) => {
    progress.say(waitingFor("Debian packages", holder));
  };
  const release = await acquireLock({ folder: cache, purpose: "packages", signal, onWait });
  try {
    const missing = unmet(need);
    if (missing.length === 0) return;
    const [command = "", ...args] = checks.installCommand(missing);
    const packages = [...new Set(missing.map((requirement) => requirement.package))].sort();
    progress.say(`Installing Debian packages on this machine: ${packages.join(" ")}`);
    progress.start("packages", "apt-get");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const step = {
      env,
      signal,
      log: join(cache, "logs", "packages.log"),
      purpose: "Installing Debian packages",
    };
    const install = () => run(command, args, step);
    await install().catch(async (error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof SetupError)) throw error;
      // Package lists that are absent or old are the usual reason; a broken source of the host's is its own affair.
      await run("apt-get", ["update", "-q"], step).catch(() => undefined);
      await install();
    });
    progress.finish("packages", "installed");
  } finally {
    await release();
  }
}

interface Shown {
  readonly cache: string;
  readonly folders: Readonly<Record<ArtifactName, string>>;
  readonly name: ArtifactName;
  readonly title: string;
  readonly how: (stage: Stage) => Promise<Record<string, string>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function obtainShown({ cache, folders, name, title, how, progress, signal }: Shown): Promise<string> {
  let begun = false;
  const { path, made } = await obtain({
    cache,
    name,
    folder: folders[name],
    signal,
    progress: (text) => {
      if (begun) progress.update(title, text);
      else progress.start(title, text);
      begun = true;
    },
    onWait: (holder) => {
      progress.say(waitingFor(title, holder));
    },
    make: how,
  });
  if (made) progress.finish(title, formatSize(sizeOf(path)));
  return path;
}

function waitingFor(title: string, holder: LockHolder | undefined): string {
  const who =
    holder === undefined
      ? "another trunkline-setup"
      : `trunkline-setup with process id ${String(holder.pid)}`;
  return `${title}: waiting for ${who}, which is busy with it.`;
}

/** On disk: images have holes. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, status) => sum + (status.isFile() ? status.blocks * 512 : 0), 0);
}
