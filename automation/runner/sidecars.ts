import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * The engine's file backend replaces a file in one step, but not the attributes that it writes beside it: killed in that
 * moment it leaves half of them, and the state cannot be read any more ("failed to load checkpoint: EOF"). A content type
 * and a hash that nobody asks for are no loss: what is no JSON is taken away.
 * @returns whether there was any of this stack's
 * @see gocloud.dev/blob/fileblob, setAttrs and getAttrs, as the engine 3.259 has it
 */
export function removeDamagedSidecars(fileBackend: string, project: string, stack: string): boolean {
  const own = [".json.attrs", ".json.bak.attrs"].map((ending) =>
    join("stacks", project, `${stack}${ending}`),
  );
  const damaged = ["meta.yaml.attrs", ...own]
    .map((path) => join(fileBackend, ".pulumi", path))
    .filter((path) => existsSync(path) && !isJson(readFileSync(path, "utf8")));
  for (const path of damaged) rmSync(path, { force: true });
  return damaged.length > 0;
}

/** So that no such file is written at all. */
export const withoutSidecars = "metadata=skip";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
