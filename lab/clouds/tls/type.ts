import type { z } from "zod";
import { type Definition, type ResourceType, resourceType } from "../provider/resource";

/** HashiCorp's tls provider asks nobody: it has no context. */
export type Nothing = Readonly<Record<never, never>>;

export function tlsType<I extends z.ZodRawShape>(definition: Definition<Nothing, I>): ResourceType<Nothing> {
  return resourceType(definition);
}
