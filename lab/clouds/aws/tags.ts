import { z } from "zod";

/** @see AWS, "Tag your Amazon EC2 resources": 50 tags; keys to 128 characters, values to 256; `aws:` is reserved */
export const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .refine((key) => !key.startsWith("aws:"), "tag keys that begin with aws: are reserved for AWS"),
    z.string().max(256),
  )
  .refine((all) => Object.keys(all).length <= 50, "more than 50 tags")
  .optional();

export type Tags = z.output<typeof tags>;

/** What a person sees in the lab: the Name tag, else the id. */
export function nameTag(given: Tags, id: string): string {
  return given?.["Name"] ?? id;
}

/** `tagsAll` holds the provider's default tags as well; those have no stand-in, so it is the resource's own. */
export function tagsAll(given: Tags): { readonly tagsAll: Record<string, string> } {
  return { tagsAll: { ...given } };
}
