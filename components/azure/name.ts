import type { ArgumentProblem } from "../problem";
import { limits } from "./limits";

/**
 * Names that Azure's resources have themselves, beside their logical ones: the last part of their ids, shown in the portal, and
 * unique in a resource group.
 */
export interface NameSpec {
  readonly fleet: string;
  readonly region: string;
}

/** @param suffix `a`, `network`, … */
export function resourceName({ fleet, region }: NameSpec, suffix: string): string {
  return `${fleet}-${region}-${suffix}`;
}

/** @param path of the argument that each suffix comes from */
export function checkNames(
  spec: NameSpec,
  suffixes: readonly { readonly path: string; readonly suffix: string }[],
): ArgumentProblem[] {
  const { length, pattern } = limits.name;
  return suffixes.flatMap(({ path, suffix }): ArgumentProblem[] => {
    const name = resourceName(spec, suffix);
    return pattern.test(name) && name.length <= length
      ? []
      : [
          {
            path,
            message: `"${name}" is no name of a resource of Azure.`,
            remedy: `Use lower-case letters, digits and hyphens, at most ${length} characters with fleet and region.`,
          },
        ];
  });
}

/** The resource group and the last name of a resource's id: `/subscriptions/…/resourceGroups/GROUP/providers/…/NAME`. */
export function partsOf(id: string): { readonly resourceGroupName: string; readonly name: string } {
  const [, resourceGroupName, name] = /\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(id) ?? [];
  if (resourceGroupName === undefined || name === undefined)
    throw new Error(`"${id}" is no id of a resource of Azure.`);
  return { resourceGroupName, name };
}
