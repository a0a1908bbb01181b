/** Loads an entry file of the package, and prints which clouds' SDKs came with it. */
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , entry = "", use = ""] = process.argv;
const load = createRequire(__filename);
const loaded: Record<string, unknown> = load(join(__dirname, "../../..", entry));
if (use === "session") {
  const { BgpSession } = loaded;
  if (typeof BgpSession === "function")
    Reflect.construct(BgpSession, [
      "one",
      { peerAddress: "10.0.0.1", peerAsn: 65001, routeServer: { endpointId: "rse-1" } },
    ]);
}
const sdks = new Set(
  Object.keys(load.cache).flatMap((file) => /@pulumi\/(aws|azure-native|gcp)\//.exec(file)?.[1] ?? []),
);
console.log(JSON.stringify([...sdks]));
