import { Analyzer, type AnalyzeResult } from "@pulumi/pulumi/provider/experimental/analyzer";

export const componentNames = [
  "BgpSession",
  "CertificateAuthority",
  "GatewayIdentity",
  "GatewayNetwork",
  "GatewayRelease",
  "HaGatewayPair",
  "PeerRules",
  "RemoteRoutes",
  "TransitGateway",
  "VpnBackbone",
] as const;

let result: AnalyzeResult | undefined;

/** What Pulumi's analyzer makes of all components; it type-checks the clouds' SDKs, so it runs once for all tests. */
export function analyze(): AnalyzeResult {
  const manifest = { name: "trunkline", exports: "./entry.js" };
  result ??= new Analyzer(__dirname, "trunkline", manifest, new Set(componentNames)).analyze();
  return result;
}
