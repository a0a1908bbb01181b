import { readFileSync } from "node:fs";
import { z } from "zod";

/**
 * The version of an installed SDK (`aws` is `@pulumi/aws`). The engine asks for a provider of exactly that version, and
 * finds it by the name of its folder.
 */
export function sdkVersion(name: string): string {
  const file = require.resolve(`@pulumi/${name}/package.json`);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
