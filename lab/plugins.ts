import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { sdkVersion } from "./clouds/provider/sdk-version";

/** The vendors' SDKs that have a stand-in. */
const providers = ["aws", "azure-native", "gcp", "tls", "command"] as const;

/**
 * Puts the stand-ins where the engine finds its providers: `plugins/resource-<name>-v<the SDK's version>` of a
 * PULUMI_HOME of the lab's own. May run twice, and while an engine uses them.
 */
export function installPlugins(pulumiHome: string): void {
  for (const name of providers) {
    const folder = join(pulumiHome, "plugins", `resource-${name}-v${sdkVersion(name)}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `pulumi-resource-${name}`);
    const next = `${path}.${String(process.pid)}`;
    writeFileSync(next, launcher(name));
    chmodSync(next, 0o700);
    renameSync(next, path);
  }
}

/** `exec`, so that the provider's process is the one that the engine started and watches. */
function launcher(name: string): string {
  const entry = join(__dirname, "clouds", name, `main${extname(__filename)}`);
  // From source (this repository's own tests) TypeScript is loaded as it is; compiled, plain Node runs it.
  const loader = extname(__filename) === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];
  return `#!/bin/sh\nexec ${[process.execPath, ...loader, entry].map(quoted).join(" ")} "$@"\n`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
