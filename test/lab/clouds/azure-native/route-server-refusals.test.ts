import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { region, routeServer } from "./region";

async function session(more: Properties) {
  const { cloud, hubConfiguration, session: wanted } = await routeServer();
  await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
  return cloud.make("VirtualHubBgpConnection", "a", { ...wanted, ...more });
}

describe("of a Route Server, the lab's Azure refuses", () => {
  for (const { what, says, act } of [
    {
      what: "a Route Server in a subnet of another name",
      says: /only in a subnet named RouteServerSubnet/,
      act: async () => {
        const { cloud, hubConfiguration, gateways } = await routeServer();
        return cloud.make("VirtualHubIpConfiguration", "c", {
          ...hubConfiguration,
          subnet: { id: gateways["id"] },
        });
      },
    },
    {
      what: "a Route Server in a subnet that is too small",
      says: /\/26 or larger/,
      act: async () => {
        const { cloud, place, group, address, subnet } = await region();
        const small = await subnet("RouteServerSubnet", "10.30.0.64/27");
        await cloud.make("VirtualHub", "hub", { ...place, virtualHubName: "hub" });
        return cloud.make("VirtualHubIpConfiguration", "c", {
          ...group,
          virtualHubName: "hub",
          ipConfigName: "instances",
          subnet: { id: small["id"] },
          publicIPAddress: { id: (await address("more", {}))["id"] },
        });
      },
    },
    {
      what: "a second Route Server of a network",
      says: /Only one Route Server/,
      act: async () => {
        const { cloud, place, hubConfiguration } = await routeServer();
        await cloud.make("VirtualHubIpConfiguration", "one", hubConfiguration);
        await cloud.make("VirtualHub", "more", { ...place, virtualHubName: "more" });
        return cloud.make("VirtualHubIpConfiguration", "two", {
          ...hubConfiguration,
          virtualHubName: "more",
        });
      },
    },
    {
      what: "a session of a Route Server that has no place yet",
      says: /no IP configuration/,
      act: async () => {
        const { cloud, session: wanted } = await routeServer();
        return cloud.make("VirtualHubBgpConnection", "a", wanted);
      },
    },
    ...[8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520].map((peerAsn) => ({
      what: `the ASN ${String(peerAsn)}`,
      says: /reserved by Azure/,
      act: () => session({ peerAsn }),
    })),
    ...[23456, 64496, 64511, 65535].map((peerAsn) => ({
      what: `the ASN ${String(peerAsn)}`,
      says: /reserved by IANA/,
      act: () => session({ peerAsn }),
    })),
    { what: "an ASN of 32 bits", says: /16-bit/, act: () => session({ peerAsn: 4200000001 }) },
    {
      what: "a peer that is no interface of the network",
      says: /no address of an interface/,
      act: () => session({ peerIp: "10.30.0.9" }),
    },
    {
      what: "one peer by two connections",
      says: /already used by another BGP connection/,
      act: async () => {
        const { cloud, hubConfiguration, session: wanted } = await routeServer();
        await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
        await cloud.make("VirtualHubBgpConnection", "a", wanted);
        return cloud.make("VirtualHubBgpConnection", "b", { ...wanted, connectionName: "b" });
      },
    },
    {
      what: "a ninth peer",
      says: /at most 8 BGP peers/,
      act: async () => {
        const { cloud, card, configuration, hubConfiguration, session: wanted } = await routeServer();
        await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
        for (let index = 0; index < 9; index += 1) {
          const peerIp = `10.30.0.${String(5 + index)}`;
          await cloud.make("NetworkInterface", `n${String(index)}`, {
            ...card,
            networkInterfaceName: `n${String(index)}`,
            ipConfigurations: [{ ...configuration, privateIPAddress: peerIp, publicIPAddress: undefined }],
          });
          await cloud.make("VirtualHubBgpConnection", `c${String(index)}`, {
            ...wanted,
            connectionName: `c${String(index)}`,
            peerIp,
          });
        }
      },
    },
  ] satisfies readonly { what: string; says: RegExp; act: () => Promise<unknown> }[])
    it(what, () => assert.rejects(act, says));
});
