import type { ArgumentProblem } from "../problem";
import { checkNames as checkIn, type NameSpec } from "../resource-name";
import { limits } from "./limits";

/**
 * Names that Azure's resources have themselves, beside their logical ones: the last part of their ids, shown in the portal, and
 * unique in a resource group.
 */
export function checkNames(spec: NameSpec, suffixes: Parameters<typeof checkIn>[1]): ArgumentProblem[] {
  return checkIn(spec, suffixes, limits.name, "Azure");
}

/** Whether a resource's id says that it is in a group; Azure shows groups in upper case at times. */
export function isIn(id: string, resourceGroupName: string): boolean {
  return id.toLowerCase().includes(`/resourcegroups/${resourceGroupName.toLowerCase()}/`);
}

/** The resource group and the last name of a resource's id: `/subscriptions/…/resourceGroups/GROUP/providers/…/NAME`. */
export function partsOf(id: string): { readonly resourceGroupName: string; readonly name: string } {
  const [, resourceGroupName, name] = /\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(id) ?? [];
  if (resourceGroupName === undefined || name === undefined)
    throw new Error(`"${id}" is no id of a resource of Azure.`);
  return { resourceGroupName, name };
}
