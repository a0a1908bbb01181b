import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

type Maker = ChildProcessByStdio<Writable, Readable, null>;

describe("making an artifact of the cache", function () {
  let cache: string;
  const makers: Maker[] = [];
  beforeEach(() => (cache = mkdtempSync(join(tmpdir(), "trunkline-cache-"))));
  afterEach(() => {
    for (const maker of makers.splice(0)) maker.kill("SIGKILL");
    rmSync(cache, { recursive: true, force: true });
  });

  function start(): { readonly maker: Maker; hears(word: string): Promise<void>; goOn(): void } {
    const maker = spawn(process.execPath, ["--import", "tsx", join(__dirname, "maker.ts"), cache], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    makers.push(maker);
    const lines: string[] = [];
    createInterface({ input: maker.stdout }).on("line", (line) => lines.push(line));
    const hears = async (word: string): Promise<void> => {
      while (!lines.includes(word))
        await once(maker.stdout, "data", { signal: AbortSignal.timeout(120_000) });
    };
    return { maker, hears, goOn: () => maker.stdin.write("\n") };
  }

  it("killed in the middle leaves nothing that is taken for it, and the next one ends well", async () => {
    const first = start();
    await first.hears("half");
    first.maker.kill("SIGKILL");
    await once(first.maker, "close");
    assert.ok(!existsSync(join(cache, "thing-1")));
    const second = start();
    await second.hears("half");
    second.goOn();
    await second.hears("made");
    assert.deepEqual(readdirSync(join(cache, "thing-1")).sort(), ["made.json", "one", "two"]);
    assert.deepEqual(
      readdirSync(cache).filter((name) => name.startsWith(".work")),
      [],
    );
  });

  it("twice at once: one makes it, the other waits and finds it", async () => {
    const first = start();
    await first.hears("half");
    const second = start();
    await second.hears("waits");
    first.goOn();
    await Promise.all([first.hears("made"), second.hears("found")]);
  });

  it("when the one that makes it is killed, the one that waits makes it", async () => {
    const first = start();
    await first.hears("half");
    const second = start();
    await second.hears("waits");
    first.maker.kill("SIGKILL");
    await second.hears("half");
    second.goOn();
    await second.hears("made");
  });
});
