import { LabError } from "../client/client";
import { type Lateness, latenessSchema } from "../client/lateness";
import type { Agent } from "./agent";
import type { Channel } from "./channel";

const startSeconds = 20;

interface Watcher {
  readonly id: string;
  readonly channel: Channel;
  output: string;
}

/**
 * How late timers run: on each kernel a program sleeps 20 ms at a time and notes delays. What a mark in
 * milliseconds means on this host is only known beside it.
 */
export class LatenessWatch {
  #watchers: Watcher[] | undefined;

  async start(kernels: readonly { readonly id: string; readonly agent: Agent }[]): Promise<void> {
    if (this.#watchers !== undefined)
      throw new LabError("LatenessRuns", "lateness is being measured already");
    const watchers = kernels.map(({ id, agent }): Watcher => {
      const channel = agent.start(["python3", "-I", "/run/trunkline-lab/lateness.py"], {
        stdin: true,
      });
      const watcher: Watcher = { id, channel, output: "" };
      channel.on("error", () => undefined);
      channel.on("data", (piece: Buffer) => (watcher.output += piece.toString("utf8")));
      return watcher;
    });
    this.#watchers = watchers;
    const late = new LabError("DeadlineExceeded", "the programs that measure lateness did not start");
    await Promise.all(watchers.map(({ channel }) => firstLine(channel, late)));
  }

  /** Of each kernel; one that lost its power meanwhile is left out. */
  async stop(): Promise<Record<string, Lateness>> {
    const watchers = this.#watchers ?? [];
    this.#watchers = undefined;
    const found = await Promise.all(
      watchers.map(async (watcher): Promise<[string, Lateness][]> => {
        watcher.channel.end();
        try {
          await watcher.channel.outcome;
        } catch {
          return [];
        }
        const last = watcher.output.trim().split("\n").at(-1) ?? "";
        return [[watcher.id, latenessSchema.parse(JSON.parse(last))]];
      }),
    );
    return Object.fromEntries(found.flat());
  }
}

async function firstLine(channel: Channel, late: LabError): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => channel.fail(late), startSeconds * 1000);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    channel.once("data", done);
    channel.once("close", done);
  });
}
