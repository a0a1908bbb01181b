import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/**
 * Values that stay as they first were until `epoch` changes, whatever the program computes meanwhile.
 *
 * Not `ignoreChanges`: with it the engine keeps the old value on a replacement as well, so that a machine replaced
 * for a new image would come back with the old one (Pulumi 3.259, `processIgnoreChanges` in step_generator.go).
 * @returns the pinned values, all of them secret if one is
 */
export function pin<K extends string>(
  name: string,
  values: Readonly<Record<K, pulumi.Input<string>>>,
  epoch: pulumi.Input<string | number> | readonly pulumi.Input<string | number>[],
  opts: pulumi.CustomResourceOptions,
): (key: K) => pulumi.Output<string> {
  const stash = new pulumi.Stash(name, { input: values }, { ...opts, replacementTrigger: epoch });
  const pinned = stash.output.apply((value: unknown) => z.record(z.string(), z.string()).parse(value));
  return (key) =>
    pinned.apply((all) => {
      const value = all[key];
      if (value === undefined)
        throw new Error(`${name}: the pinned value "${key}" is missing from the state.`);
      return value;
    });
}
