import { createHash } from "node:crypto";
import type { ArgumentProblem } from "../problem";
import { limits } from "./limits";

/**
 * Names that Google's resources have themselves, beside their logical ones: part of links and addresses, shown in the
 * console, and unique in a project.
 */
export interface NameSpec {
  readonly fleet: string;
  readonly region: string;
}

/** @param suffix `a`, `network`, … */
export function resourceName({ fleet, region }: NameSpec, suffix: string): string {
  return `${fleet}-${region}-${suffix}`;
}

/** The network tag that firewall rules find a region's gateways by. */
export function gatewayTag(spec: NameSpec): string {
  return resourceName(spec, "gateway");
}

/** A service account's id is shorter than the names that it would be made of. */
export function accountId(spec: NameSpec): string {
  const digest = createHash("sha256").update(resourceName(spec, "gateways")).digest("hex");
  return `trunkline-${digest.slice(0, limits.accountId.longest - "trunkline-".length)}`;
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
            message: `"${name}" is no name of a resource of Google Cloud.`,
            remedy: `Use lower-case letters, digits and hyphens, at most ${length} characters with fleet and region.`,
          },
        ];
  });
}
