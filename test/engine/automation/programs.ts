import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const input = z.object({ folder: z.string() });

/**
 * The smallest stacks that can be caught in the middle: each makes one thing, says so, waits for the file `go`, then
 * makes another. Their resources are components, so no provider is needed.
 */
export function stackProgram(raw: unknown, stack: string): () => Promise<Record<string, unknown>> {
  const { folder } = input.parse(raw);
  return async () => {
    const first = new pulumi.ComponentResource("test:index:Thing", "first");
    await new Promise((resolve) => first.urn.apply(resolve));
    if (existsSync(join(folder, `${stack}.fails`))) throw new Error(`${stack} was told to fail`);
    writeFileSync(join(folder, `${stack}.began`), "");
    while (!existsSync(join(folder, "go"))) await delay(20);
    new pulumi.ComponentResource("test:index:Thing", "second");
    if (existsSync(join(folder, "protects")))
      new pulumi.ComponentResource("test:index:Thing", "kept", {}, { protect: true });
    return { who: stack, word: pulumi.secret("sesame") };
  };
}
