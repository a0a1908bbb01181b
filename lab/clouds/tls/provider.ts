import type { Provider } from "../provider/provider";
import { noStandIn } from "../provider/resource";
import { certRequest } from "./cert-request";
import { locallySignedCert } from "./locally-signed-cert";
import { privateKey } from "./private-key";
import { selfSignedCert } from "./self-signed-cert";
import type { Nothing } from "./type";

export function tlsProvider(version: string): Provider<Nothing> {
  return {
    name: "tls",
    version,
    types: [privateKey, certRequest, selfSignedCert, locallySignedCert],
    functions: [],
    replacingConfig: [],
    checkConfig: (config) =>
      Object.keys(config)
        .filter((key) => key !== "version")
        .map((key) => noStandIn("pulumi:providers:tls", key)),
    configure: () => ({}),
  };
}
