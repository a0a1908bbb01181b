import type { TagSpec } from "../tag-spec";

/** The user's tags, then ours. */
export function tagsFor({ fleet, region, tags }: TagSpec): Record<string, string> {
  return { ...tags, "trunkline-fleet": fleet, "trunkline-region": region };
}
