import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const intervalMs = 500;

/** While a download runs, says how many bytes of `folder`'s files with this ending have arrived. */
export function whileGrowing(folder: string, ending: string, say: (bytes: number) => void) {
  return async <T>(work: Promise<T>): Promise<T> => {
    const timer = setInterval(() => {
      say(arrived(folder, ending));
    }, intervalMs);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  };
}

function arrived(folder: string, ending: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
