import type { Provider } from "../provider/provider";
import { noStandIn, type ResourceType } from "../provider/resource";
import { type Nothing, localCommand } from "./local-command";

export function commandProvider(version: string): Provider<Nothing> {
  const types: ResourceType<Nothing>[] = [localCommand];
  return {
    name: "command",
    version,
    types,
    functions: [],
    replacingConfig: [],
    checkConfig: (config) =>
      Object.keys(config)
        .filter((key) => key !== "version")
        .map((key) => noStandIn("pulumi:providers:command", key)),
    configure: () => ({}),
  };
}
