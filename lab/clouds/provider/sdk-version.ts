import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/**
 * The version of an installed SDK (`aws` is `@pulumi/aws`). The engine asks for a provider of exactly that version, and
 * finds it by the name of its folder.
 */
export function sdkVersion(name: string): string {
  // As the components find it, whose copy may not be the one beside the lab.
  const components = dirname(require.resolve("trunkline/package.json"));
  const file = require.resolve(`@pulumi/${name}/package.json`, { paths: [components, __dirname] });
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
