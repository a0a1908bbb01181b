import { join } from "node:path";
import { Analyzer, type AnalyzeResult } from "@pulumi/pulumi/provider/experimental/analyzer";

export const componentNames = [
  "BgpSession",
  "CertificateAuthority",
  "GatewayIdentity",
  "GatewayNetwork",
  "GatewayRelease",
  "HaGatewayPair",
  "ManagedNetwork",
  "ManagedVpnConnection",
  "ManagedVpnGateway",
  "PeerRules",
  "RemoteRoutes",
  "TransitGateway",
  "VpnBackbone",
] as const;

/** Of clouds whose components have the names of another's: the analyzer knows one class of a name. */
export const apartNames = {
  azure: [
    "GatewayNetwork",
    "HaGatewayPair",
    "ManagedNetwork",
    "ManagedVpnConnection",
    "ManagedVpnGateway",
    "PeerRules",
  ],
  gcp: [
    "GatewayNetwork",
    "HaGatewayPair",
    "ManagedNetwork",
    "ManagedVpnConnection",
    "ManagedVpnGateway",
    "PeerRules",
  ],
} as const;
export type Apart = keyof typeof apartNames;

const results = new Map<string, AnalyzeResult>();

/**
 * What Pulumi's analyzer makes of all components, or of those of one cloud that are apart; it type-checks the clouds' SDKs, so
 * it runs once for all tests.
 */
export function analyze(entry: "all" | Apart = "all"): AnalyzeResult {
  const manifest = { name: "trunkline", exports: "./entry.js" };
  const [folder, names] =
    entry === "all" ? [__dirname, componentNames] : [join(__dirname, entry), apartNames[entry]];
  const result =
    results.get(entry) ?? new Analyzer(folder, "trunkline", manifest, new Set<string>(names)).analyze();
  results.set(entry, result);
  return result;
}
