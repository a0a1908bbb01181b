import { z } from "zod";
import { group, location, name, tags } from "../fields";
import { azureType, computed, stateOf } from "../type";
import { vpnAsn } from "../vpn-asn";

const type = "Microsoft.Network/localNetworkGateways";

/** A VPN gateway elsewhere. What is behind it is told by BGP: an address space has no stand-in. */
export const localNetworkGateway = azureType({
  token: "azure-native:network:LocalNetworkGateway",
  inputs: {
    resourceGroupName: group,
    localNetworkGatewayName: name(),
    location,
    tags,
    gatewayIpAddress: z.ipv4(),
    bgpSettings: z.strictObject({ asn: vpnAsn, bgpPeeringAddress: z.ipv4() }),
  },
  replacedBy: ["resourceGroupName", "localNetworkGatewayName", "location"],
  computed: [...computed, "resourceGuid", "etag"],
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.localNetworkGatewayName);
    await context.claim(
      {
        kind: "localNetworkGateway",
        id: context.worldIdOf("localNetworkGateway", path),
        name: call.name,
        address: given.gatewayIpAddress,
        asn: given.bgpSettings.asn,
        inside: given.bgpSettings.bgpPeeringAddress,
      },
      call,
      path,
    );
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.localNetworkGatewayName, type),
        resourceGuid: "00000000-0000-0000-0000-000000000000",
        etag: "",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("localNetworkGateway", context.worldIdOf("localNetworkGateway", path));
    return found === undefined
      ? undefined
      : {
          gatewayIpAddress: found.address,
          bgpSettings: { asn: found.asn, bgpPeeringAddress: found.inside },
        };
  },
  async update(path, given, _state, { context }) {
    await context.change(
      "localNetworkGateway",
      context.worldIdOf("localNetworkGateway", path),
      (gateway) => ({
        ...gateway,
        address: given.gatewayIpAddress,
        asn: given.bgpSettings.asn,
        inside: given.bgpSettings.bgpPeeringAddress,
      }),
    );
    return { ...given };
  },
  async remove(path, _state, { context }) {
    await context.unmake("localNetworkGateway", context.worldIdOf("localNetworkGateway", path));
  },
});
