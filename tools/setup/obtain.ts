import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noteFile } from "./cache";
import { acquireLock, type LockHolder } from "./lock";
import { publish } from "./publish";
import type { Stage } from "./stage";

export interface ObtainOptions {
  readonly cache: string;
  /** "kernel": the lock's name, and how the folders of its work begin. */
  readonly name: string;
  /** The folder's name in the cache, which holds the content key. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  readonly onWait: (holder: LockHolder | undefined) => void;
  /** Makes the artifact in `stage.work`. @returns what it was made from, for the note */
  readonly make: (stage: Stage) => Promise<Record<string, string>>;
}

/**
 * The artifact's folder, made first if it is not there. Of several processes one makes it and the others wait; one that
 * is killed leaves its work folder, which nobody takes for the artifact, and which the next one removes.
 */
export async function obtain(options: ObtainOptions): Promise<{ path: string; made: boolean }> {
  const { cache, name, folder, signal, progress } = options;
  const path = join(cache, folder);
  if (existsSync(path)) return { path, made: false };
  mkdirSync(cache, { recursive: true });
  const release = await acquireLock({ folder: cache, purpose: name, signal, onWait: options.onWait });
  try {
    if (existsSync(path)) return { path, made: false };
    const prefix = `.work-${name}-`;
    for (const left of readdirSync(cache).filter((entry) => entry.startsWith(prefix)))
      discard(join(cache, left));
    const work = mkdtempSync(join(cache, prefix));
    try {
      const log = join(cache, "logs", `${name}.log`);
      rmSync(log, { force: true });
      const note = await options.make({ work, log, signal, progress });
      signal.throwIfAborted();
      writeFileSync(
        join(work, noteFile),
        `${JSON.stringify({ made: new Date().toISOString(), ...note }, null, 2)}\n`,
      );
      publish(work, path);
    } finally {
      discard(work);
    }
    return { path, made: true };
  } finally {
    await release();
  }
}

/** A program that is just ending may still write into the folder; a retry then finds it empty. */
function discard(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
