import type { TagSpec } from "../tag-spec";

/** The user's tags, then ours: `Name` is what the console shows. */
export function tagsFor(spec: TagSpec, name: string): Record<string, string> {
  return { ...spec.tags, Name: name, "trunkline:fleet": spec.fleet, "trunkline:region": spec.region };
}
