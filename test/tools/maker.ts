import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obtain } from "../../tools/setup/obtain";

/** A process that makes an artifact of two files: says `half` after the first, and goes on when it hears a line. */
async function main(cache: string): Promise<void> {
  const { made } = await obtain({
    cache,
    name: "thing",
    folder: "thing-1",
    signal: new AbortController().signal,
    progress: () => undefined,
    onWait: () => process.stdout.write("waits\n"),
    make: async ({ work }) => {
      writeFileSync(join(work, "one"), "1");
      process.stdout.write("half\n");
      await new Promise((resolve) => process.stdin.once("data", resolve));
      writeFileSync(join(work, "two"), "2");
      return {};
    },
  });
  process.stdout.write(made ? "made\n" : "found\n");
}

void main(process.argv[2] ?? "").then(() => process.exit(0));
