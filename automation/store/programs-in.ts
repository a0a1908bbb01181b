import { readdirSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { send } from "../runner/process-table";
import { until } from "./deadline";

/**
 * PostgreSQL's processes that stand in a folder, by what the kernel says: their environment and words are overwritten with a
 * title, and their parent may be dead. Without /proc none is found.
 */
export function programsIn(folder: string): number[] {
  const wanted = statSync(folder, { throwIfNoEntry: false });
  if (wanted === undefined || process.platform !== "linux") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || pid <= 1) return false;
      try {
        const program = basename(readlinkSync(`/proc/${String(pid)}/exe`)).replace(/ \(deleted\)$/, "");
        if (program !== "postgres" && program !== "initdb") return false;
        const at = statSync(`/proc/${String(pid)}/cwd`);
        return at.ino === wanted.ino && at.dev === wanted.dev;
      } catch {
        // It ended meanwhile, or is another user's.
        return false;
      }
    });
}

/** Waits until none stands there, and then ends those that do. */
export async function untilNoneIn(folder: string, patienceSeconds: number): Promise<void> {
  const gone = (): true | undefined => (programsIn(folder).length === 0 ? true : undefined);
  if ((await until(patienceSeconds, gone)) !== undefined) return;
  for (const pid of programsIn(folder)) send(pid, "SIGKILL");
  await until(10, gone);
}
