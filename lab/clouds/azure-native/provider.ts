import { z } from "zod";
import { labBehind } from "../provider/lab";
import type { Provider } from "../provider/provider";
import { noStandIn } from "../provider/resource";
import { Subscription } from "./context";
import { getVirtualHub } from "./get-virtual-hub";
import { getSubnet, getVirtualNetwork } from "./get-virtual-network";
import { hasZones } from "./locations";
import { localNetworkGateway } from "./types/local-network-gateway";
import { networkInterface } from "./types/network-interface";
import { networkSecurityGroup } from "./types/network-security-group";
import { publicIpAddress } from "./types/public-ip-address";
import { resourceGroup } from "./types/resource-group";
import { securityRule } from "./types/security-rule";
import { subnet } from "./types/subnet";
import { virtualHub } from "./types/virtual-hub";
import { virtualHubBgpConnection } from "./types/virtual-hub-bgp-connection";
import { virtualHubIpConfiguration } from "./types/virtual-hub-ip-configuration";
import { virtualMachine } from "./types/virtual-machine";
import { virtualNetwork } from "./types/virtual-network";
import { virtualNetworkGateway } from "./types/virtual-network-gateway";
import { virtualNetworkGatewayConnection } from "./types/virtual-network-gateway-connection";

/** @param socket of the lab; the provider knows no other way out of its process */
export function azureProvider(version: string, socket: string | undefined): Provider<Subscription> {
  const lab = labBehind(socket);
  return {
    name: "azure-native",
    version,
    types: [
      ...[resourceGroup, virtualNetwork, subnet, networkSecurityGroup, securityRule, publicIpAddress],
      ...[networkInterface, virtualMachine, virtualHub, virtualHubIpConfiguration, virtualHubBgpConnection],
      ...[virtualNetworkGateway, localNetworkGateway, virtualNetworkGatewayConnection],
    ],
    functions: [getVirtualHub, getVirtualNetwork, getSubnet],
    replacingConfig: ["subscriptionId"],
    checkConfig(config) {
      const known = ["version", "subscriptionId", "location", "environment"];
      const unknown = Object.keys(config).filter((key) => !known.includes(key));
      const { location, environment } = config;
      return [
        ...unknown.map((key) => noStandIn("pulumi:providers:azure-native", key)),
        ...(typeof location === "string" && hasZones(location) === undefined
          ? [{ property: "location", reason: `invalid location: ${location}` }]
          : []),
        // Of the SDK by default.
        ...(environment === undefined || environment === "public"
          ? []
          : [{ property: "environment", reason: "the lab has a stand-in for the public cloud alone" }]),
      ];
    },
    configure(config) {
      const { subscriptionId, location } = z
        .object({
          subscriptionId: z.string().optional(),
          location: z.string().optional(),
        })
        .parse(config);
      const id = subscriptionId ?? process.env["ARM_SUBSCRIPTION_ID"];
      if (id === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
        throw new Error(
          "subscriptionId: no valid subscription ID: set ARM_SUBSCRIPTION_ID, or the provider's subscriptionId",
        );
      return new Subscription(id, location, lab);
    },
  };
}
