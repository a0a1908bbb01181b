import type { z } from "zod";
import { type Definition, type ResourceType, resourceType } from "../provider/resource";
import type { Subscription } from "./context";

/** A resource type of Azure: `Definition` with this vendor's context. */
export function azureType<I extends z.ZodRawShape>(
  definition: Definition<Subscription, I>,
): ResourceType<Subscription> {
  return resourceType(definition);
}

/** What every resource says of itself besides. */
export function stateOf(name: string, type: string) {
  return { name, type, provisioningState: "Succeeded", azureApiVersion: "2024-05-01" };
}
export const computed = ["name", "type", "provisioningState", "azureApiVersion"];
