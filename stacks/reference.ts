import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { parseHandover } from "./handover";

/**
 * What another stack of the same organization and project handed on. `getOutput` of an empty stack is `undefined` in
 * a green preview: so it is checked here, with the stack's name.
 */
export function readHandover<T>(
  schema: z.ZodType<T>,
  expected: string,
  stack: string,
): pulumi.Output<pulumi.Unwrap<T>> {
  const reference = new pulumi.StackReference(stack, {
    name: `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`,
  });
  return pulumi.output(
    reference.getOutput("handover").apply((value: unknown) => parseHandover(schema, expected, stack, value)),
  );
}
