import { z } from "zod";

const words = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** What of IAM's policies has a stand-in; another element is refused when the policy is made. */
export const policySchema = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.strictObject({
      Sid: z
        .string()
        .regex(/^[A-Za-z0-9]*$/)
        .optional(),
      Effect: z.enum(["Allow", "Deny"]),
      Action: words,
      Resource: words,
      Condition: z.strictObject({ StringEquals: z.record(z.string(), words) }).optional(),
    }),
  ),
});
export type Policy = z.output<typeof policySchema>;

export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** IAM, "Policy evaluation logic": what nothing allows is denied, and a deny wins. */
export function isAllowed(policies: readonly Policy[], asked: Asked): boolean {
  const matching = policies
    .flatMap(({ Statement }) => Statement)
    .filter(
      ({ Action, Resource, Condition }) =>
        Action.some((pattern) => matches(pattern, asked.action, "i")) &&
        Resource.some((pattern) => matches(pattern, asked.resource)) &&
        Object.entries(Condition?.StringEquals ?? {}).every(([key, values]) =>
          values.includes(asked.context[key] ?? ""),
        ),
    );
  return matching.length > 0 && matching.every(({ Effect }) => Effect === "Allow");
}

function matches(pattern: string, value: string, flags = ""): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, flags).test(value);
}
