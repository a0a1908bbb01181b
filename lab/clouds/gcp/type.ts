import type { z } from "zod";
import { type Definition, type ResourceType, resourceType } from "../provider/resource";
import type { Project } from "./context";

/** A resource type of Google Cloud: `Definition` with this vendor's context. */
export function gcpType<I extends z.ZodRawShape>(definition: Definition<Project, I>): ResourceType<Project> {
  return resourceType(definition);
}
