import { z } from "zod";
import { isCidr } from "../../world/address";

/** Microsoft Learn, "Naming rules and restrictions for Azure resources", Microsoft.Network. */
export const name = (least = 1, most = 80) =>
  z
    .string()
    .regex(
      new RegExp(
        `^[A-Za-z0-9]([A-Za-z0-9._-]{${String(Math.max(least - 2, 0))},${String(most - 2)}}[A-Za-z0-9_])?$`,
      ),
      "Resource name is invalid. It must begin with a letter or number, end with a letter, number or underscore, and may contain only letters, numbers, underscores, periods, or hyphens.",
    );

/** The same page: alphanumerics, underscores, parentheses, hyphens and periods. */
export const group = z
  .string()
  .regex(
    /^[-\w.()]{0,89}[-\w()]$/,
    "InvalidResourceGroupName: letters, digits, periods, underscores, hyphens and parentheses, not ending with a period",
  );

export const location = z.string().optional();

/** Microsoft Learn, "Use tags to organize your Azure resources and management hierarchy", Limitations. */
export const tags = z
  .record(
    z.string().regex(/^[^<>%&\\?/]{1,512}$/, "InvalidTagName: none of <>%&\\?/, at most 512 characters"),
    z.string().max(256, "InvalidTagValue: at most 256 characters"),
  )
  .refine((all) => Object.keys(all).length <= 50, "more than 50 tags")
  .optional();

export const cidr = z.string().refine(isCidr, "must be a canonical IPv4 CIDR");
/** By its id. */
export const reference = z.strictObject({ id: z.string() });
/** Where zones are named. */
export const zones = z.array(z.enum(["1", "2", "3"])).optional();
