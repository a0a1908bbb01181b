import type { z } from "zod";
import { type Definition, type ResourceType, resourceType } from "../provider/resource";
import type { Account } from "./context";

/** A resource type of AWS: `Definition` with this vendor's context. */
export function awsType<I extends z.ZodRawShape>(definition: Definition<Account, I>): ResourceType<Account> {
  return resourceType(definition);
}
