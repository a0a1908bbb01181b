import { z } from "zod";
import { isCidr, overlap } from "../../world/address";

/** Compute Engine API reference, `name`: 1 to 63 characters that comply with RFC 1035. */
export const name = z
  .string()
  .regex(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, "must match regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'");

/**
 * @see Google Cloud, "Organize resources using labels", Requirements for labels: 64 labels; keys of 1 to 63 and values of at
 * most 63 lower-case letters, digits, underscores and hyphens, a key beginning with a letter
 */
export const labels = z
  .record(
    z.string().regex(/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u, "is no label's key"),
    z.string().regex(/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u, "is no label's value"),
  )
  .refine((all) => Object.keys(all).length <= 64, "more than 64 labels")
  .optional();

/** The provider's own labels have no stand-in, so that these are all. */
export function allLabels(given: z.output<typeof labels>) {
  return { effectiveLabels: { ...given }, pulumiLabels: { ...given } };
}

export const cidr = z.string().refine(isCidr, "must be a canonical IPv4 CIDR");
export const address = z.ipv4();
export const description = z.string().max(2048).optional();

/** RFC 1918. */
export function isPrivate(block: string): boolean {
  return ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((outer) => overlap(outer, block));
}
