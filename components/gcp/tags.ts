import type { TagSpec } from "../tag-spec";

/**
 * The user's labels, then ours. A label's key has no colon, and its value neither (Google Cloud, "Organize resources using
 * labels").
 */
export function labelsFor({ fleet, region, tags }: TagSpec): Record<string, string> {
  return { ...tags, "trunkline-fleet": fleet, "trunkline-region": region };
}
