import { parseArgs } from "node:util";
import { artifacts } from "./artifacts";
import { cacheFolder } from "./cache";
import { type ImageName, imageNames } from "./recipes";
import { Progress } from "./progress";
import { SetupError } from "./setup-error";
import { setUp } from "./set-up";

const usage = `Usage: trunkline-setup [--image RELEASE]... [--json] [--for-tests]

Brings what the engine and the lab run on into ${cacheFolder()}:
the Pulumi CLI, the lab's kernel, and its image. What is there already is kept.

  --image RELEASE  brings, besides, the image for machines of that release: ${imageNames.join(", ")}
  --json           prints the paths as one JSON object on stdout; progress goes to stderr
  --for-tests      brings, besides, the Debian packages that the repository's tests call
  --help           prints this

TRUNKLINE_DEBIAN_MIRROR names another mirror than http://deb.debian.org/debian.
`;

/** Ctrl-C, as a shell reports it. */
const interruptedStatus = 130;

async function main(): Promise<number> {
  let values;
  let images: ImageName[];
  try {
    const flags = {
      image: { type: "string", multiple: true },
      json: { type: "boolean" },
      "for-tests": { type: "boolean" },
      help: { type: "boolean" },
    } as const;
    ({ values } = parseArgs({ options: flags, strict: true }));
    images = (values.image ?? []).map(imageNamed);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const out = values.json === true ? process.stderr : process.stdout;
  const progress = new Progress({
    write: (text) => out.write(text),
    columns: out.isTTY && process.env["CI"] === undefined ? out.columns : undefined,
  });
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (!stopping.signal.aborted) progress.say("Stopping; what is finished stays.");
      stopping.abort();
    });
  const ticking = setInterval(() => {
    progress.tick();
  }, 1000);
  try {
    await setUp({ progress, signal: stopping.signal, forTests: values["for-tests"] === true, images });
    if (values.json === true) process.stdout.write(`${JSON.stringify(artifacts(), null, 2)}\n`);
    return 0;
  } catch (error) {
    progress.stop();
    if (stopping.signal.aborted) return interruptedStatus;
    if (error instanceof AggregateError) {
      for (const one of error.errors) process.stderr.write(`${describe(one)}\n`);
      return 1;
    }
    process.stderr.write(`${describe(error)}\n`);
    return error instanceof SetupError ? 1 : 70;
  } finally {
    clearInterval(ticking);
  }
}

function imageNamed(word: string): ImageName {
  const name = imageNames.find((candidate) => candidate === word);
  if (name === undefined)
    throw new Error(`There is no image of "${word}"; there are ${imageNames.join(", ")}.`);
  return name;
}

function describe(error: unknown): string {
  if (error instanceof SetupError) return `${error.code}  ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main().then((status) => {
  process.exitCode = status;
});
