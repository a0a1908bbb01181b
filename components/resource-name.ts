import type { ArgumentProblem } from "./problem";

/** What the names are made of that a cloud's resources have themselves, beside their logical ones. */
export interface NameSpec {
  readonly fleet: string;
  readonly region: string;
}

/** @param suffix `a`, `network`, … */
export function resourceName({ fleet, region }: NameSpec, suffix: string): string {
  return `${fleet}-${region}-${suffix}`;
}

/**
 * Names that a cloud does not take.
 * @param suffixes each with the path of the argument that it comes from
 * @param cloud as sentences name it
 */
export function checkNames(
  spec: NameSpec,
  suffixes: readonly { readonly path: string; readonly suffix: string }[],
  { length, pattern }: { readonly length: number; readonly pattern: RegExp },
  cloud: string,
): ArgumentProblem[] {
  return suffixes.flatMap(({ path, suffix }): ArgumentProblem[] => {
    const name = resourceName(spec, suffix);
    return pattern.test(name) && name.length <= length
      ? []
      : [
          {
            path,
            message: `"${name}" is no name of a resource of ${cloud}.`,
            remedy: `Use lower-case letters, digits and hyphens, at most ${length} characters with fleet and region.`,
          },
        ];
  });
}
