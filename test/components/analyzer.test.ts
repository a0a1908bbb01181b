import assert from "node:assert/strict";
import { analyze } from "./analyzer/analyze";

/**
 * What other languages can call is what Pulumi's analyzer takes: no unions, no inline types, no readonly arrays, and
 * no field that is no output.
 */
const outputs = {
  CertificateAuthority: ["roots", "intermediates", "issuerCertificate", "issuerKey"],
  GatewayIdentity: ["hostKey", "certificate"],
  GatewayNetwork: [
    "networkId",
    "internetGatewayId",
    "subnetIds",
    "securityGroupId",
    "routeTableIds",
    "gatewayRouteTableIds",
  ],
  HaGatewayPair: [
    "instanceIds",
    "movedAllocationId",
    "movedPrivateAddresses",
    "movedPublicAddress",
    "systems",
    "privateAddresses",
    "ipv6Addresses",
    "publicAddresses",
    "bootstrapHostKeys",
    "pushKey",
    "networkInterfaceIds",
    "endpointAddresses",
  ],
  ManagedNetwork: ["networkId", "subnetIds", "routeTableIds"],
  ManagedVpnConnection: ["connectionId", "tunnelAddresses"],
  ManagedVpnGateway: ["transitGatewayId"],
  PeerRules: ["ruleCount"],
  RemoteRoutes: ["routeCount"],
  TransitGateway: ["transitGatewayId", "connectPeerIds"],
  BgpSession: ["sessionId", "endpointAddress"],
  GatewayRelease: ["hash"],
  VpnBackbone: ["gatewayAddresses", "releases", "networkIds", "handover"],
};

const pairOutputs = [
  "instanceIds",
  "systems",
  "privateAddresses",
  "publicAddresses",
  "bootstrapHostKeys",
  "pushKey",
];

const apartOutputs = {
  azure: {
    GatewayNetwork: ["resourceGroupName", "networkId", "subnetIds", "securityGroupId"],
    ManagedNetwork: ["resourceGroupName", "networkId", "subnetIds"],
    ManagedVpnConnection: ["connectionId"],
    ManagedVpnGateway: ["vpnGatewayId", "instanceAddresses"],
    HaGatewayPair: [...pairOutputs, "instanceAddresses"],
    PeerRules: ["ruleCount"],
  },
  gcp: {
    GatewayNetwork: ["networkId", "subnetIds", "gatewayTag"],
    ManagedNetwork: ["networkId", "subnetIds"],
    ManagedVpnConnection: ["tunnelIds"],
    ManagedVpnGateway: ["vpnGatewayId", "routerName", "interfaceAddresses"],
    HaGatewayPair: [...pairOutputs, "interfaceAddresses"],
    PeerRules: ["ruleCount"],
  },
};

describe("components/analyzer", function () {
  before(() => {
    analyze();
  });

  for (const [name, expected] of Object.entries(outputs))
    it(`takes ${name}, with its outputs and nothing else`, () => {
      assert.deepEqual(Object.keys(analyze().components[name]?.outputs ?? {}).sort(), [...expected].sort());
    });

  for (const cloud of ["azure", "gcp"] as const)
    for (const [name, expected] of Object.entries(apartOutputs[cloud]))
      it(`takes ${cloud}.${name}, with its outputs and nothing else`, () => {
        assert.deepEqual(
          Object.keys(analyze(cloud).components[name]?.outputs ?? {}).sort(),
          [...expected].sort(),
        );
      });

  it("knows enums as enums", () => {
    for (const name of ["SubnetRole", "LivenessDetection", "Topology", "GatewaySystem", "KeyAlgorithm"])
      assert.ok((analyze().typeDefinitions[name]?.enum?.length ?? 0) > 0, name);
  });

  it("finds a sentence at every component", () => {
    for (const [name, { description }] of [
      ...Object.entries(analyze().components),
      ...Object.entries(analyze("azure").components),
      ...Object.entries(analyze("gcp").components),
    ])
      assert.ok((description ?? "").length > 20, `${name} has no docstring`);
  });
});
