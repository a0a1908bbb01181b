import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "./in-memory";
import { machine, region, routeServer } from "./region";

const inGroup = { resourceGroupName: "acme-weu", location: "westeurope" };

async function network(more: Properties) {
  const cloud = new InMemory();
  await cloud.make("ResourceGroup", "group", inGroup);
  return cloud.make("VirtualNetwork", "net", {
    ...inGroup,
    virtualNetworkName: "net",
    addressSpace: { addressPrefixes: ["10.30.0.0/16"] },
    ...more,
  });
}

async function rule(more: Properties) {
  const made = await region();
  await made.cloud.make("SecurityRule", "first", { ...made.rule, securityRuleName: "first", priority: 200 });
  const given: Properties = { ...made.rule, ...more };
  return made.cloud.make(
    "SecurityRule",
    "ssh",
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
}

async function virtualMachine(change: (inputs: Awaited<ReturnType<typeof machine>>["inputs"]) => Properties) {
  const { cloud, inputs } = await machine();
  return cloud.make("VirtualMachine", "a", change(inputs));
}

async function session(more: Properties) {
  const { cloud, hubConfiguration, session: wanted } = await routeServer();
  await cloud.make("VirtualHubIpConfiguration", "configuration", hubConfiguration);
  return cloud.make("VirtualHubBgpConnection", "a", { ...wanted, ...more });
}

describe("the lab's Azure refuses", () => {
  for (const { what, says, act } of [
    {
      what: "a location that Azure does not have",
      says: /LocationNotAvailable|not available/,
      act: () => new InMemory().make("ResourceGroup", "g", { resourceGroupName: "g", location: "mars" }),
    },
    {
      what: "a resource in a group that is not there",
      says: /Resource group 'acme-weu' could not be found/,
      act: () =>
        new InMemory().make("VirtualNetwork", "net", {
          ...inGroup,
          virtualNetworkName: "net",
          addressSpace: { addressPrefixes: ["10.30.0.0/16"] },
        }),
    },
    {
      what: "a field without a stand-in",
      says: /no stand-in for the field "flowTimeoutInMinutes"/,
      act: () => network({ flowTimeoutInMinutes: 10 }),
    },
    {
      what: "a name that is none",
      says: /Resource name is invalid/,
      act: () => network({ virtualNetworkName: "-net" }),
    },
    {
      what: "a tag that is none",
      says: /tags\.a\/b: Invalid key/,
      act: () => network({ tags: { "a/b": "c" } }),
    },
    ...["224.0.0.0/8", "127.0.0.0/16", "169.254.1.0/24", "168.63.129.0/24"].map((prefix) => ({
      what: `a network of ${prefix}`,
      says: /InvalidAddressPrefix/,
      act: () => network({ addressSpace: { addressPrefixes: [prefix] } }),
    })),
    {
      what: "prefixes of a network that overlap",
      says: /AddressPrefixesOverlap/,
      act: () => network({ addressSpace: { addressPrefixes: ["10.30.0.0/16", "10.30.1.0/24"] } }),
    },
    {
      what: "a subnet smaller than a /29",
      says: /smallest subnet/,
      act: async () => (await region()).subnet("small", "10.30.1.0/30"),
    },
    {
      what: "a subnet outside of its network",
      says: /outside of the network/,
      act: async () => (await region()).subnet("far", "10.31.0.0/24"),
    },
    {
      what: "a subnet that overlaps another",
      says: /conflicts with subnet/,
      act: async () => (await region()).subnet("twice", "10.30.0.0/24"),
    },
    {
      what: "a rule of another's priority and direction",
      says: /cannot have the same Priority and Direction/,
      act: () => rule({ priority: 200 }),
    },
    { what: "a priority out of range", says: /between 100 and 4096/, act: () => rule({ priority: 99 }) },
    {
      what: "a rule without a source",
      says: /SecurityRuleParameterNotSpecified/,
      act: () => rule({ sourceAddressPrefixes: undefined }),
    },
    {
      what: "a Deny that is not the last",
      says: /one Deny alone/,
      act: () => rule({ access: "Deny" }),
    },
    {
      what: "a service tag",
      says: /service tags/,
      act: () => rule({ sourceAddressPrefixes: undefined, sourceAddressPrefix: "VirtualNetwork" }),
    },
    {
      what: "ports of all protocols",
      says: /no ports/,
      act: () => rule({ protocol: "*" }),
    },
    {
      what: "a Standard address that is dynamic",
      says: /MustBeStatic/,
      act: async () => (await region()).address("more", { publicIPAllocationMethod: "Dynamic" }),
    },
    {
      what: "an interface whose address is none of its subnet",
      says: /does not belong to the range/,
      act: async () => {
        const { cloud, card, configuration } = await region();
        return cloud.make("NetworkInterface", "a", {
          ...card,
          ipConfigurations: [{ ...configuration, privateIPAddress: "10.30.1.4" }],
        });
      },
    },
    {
      what: "an interface at one of Azure's own addresses",
      says: /cannot be used/,
      act: async () => {
        const { cloud, card, configuration } = await region();
        return cloud.make("NetworkInterface", "a", {
          ...card,
          ipConfigurations: [{ ...configuration, privateIPAddress: "10.30.0.3" }],
        });
      },
    },
    {
      what: "an interface in the Route Server's subnet",
      says: /Route Server's own/,
      act: async () => {
        const { cloud, card, configuration, subnet } = await region();
        const home = await subnet("RouteServerSubnet", "10.30.0.64/26");
        return cloud.make("NetworkInterface", "a", {
          ...card,
          ipConfigurations: [
            { ...configuration, subnet: { id: home["id"] }, privateIPAddress: "10.30.0.70" },
          ],
        });
      },
    },
    {
      what: "a public address of two interfaces",
      says: /already allocated/,
      act: async () => {
        const { cloud, card, configuration } = await region();
        await cloud.make("NetworkInterface", "a", card);
        return cloud.make("NetworkInterface", "b", {
          ...card,
          networkInterfaceName: "b-card",
          ipConfigurations: [{ ...configuration, privateIPAddress: "10.30.0.5" }],
        });
      },
    },
    {
      what: "the deletion of an interface that a machine has",
      says: /used by existing resource/,
      act: async () => {
        const { cloud, nic, inputs } = await machine();
        await cloud.make("VirtualMachine", "a", inputs);
        return cloud.remove("NetworkInterface", nic);
      },
    },
    {
      what: "the deletion of an address in use",
      says: /still allocated/,
      act: async () => {
        const { cloud, card, address } = await region();
        const more = await address("more", {});
        await cloud.make("NetworkInterface", "a", {
          ...card,
          ipConfigurations: [{ ...card.ipConfigurations[0], publicIPAddress: { id: more["id"] } }],
        });
        return cloud.remove("PublicIPAddress", more);
      },
    },
    {
      what: "the deletion of a group that holds something",
      says: /holds something/,
      act: async () => {
        const { cloud } = await region();
        return cloud.remove("ResourceGroup", { id: "/subscriptions/s/resourceGroups/acme-weu" });
      },
    },
    {
      what: "a size that there is not",
      says: /VM size is not valid/,
      act: () => virtualMachine((inputs) => ({ ...inputs, hardwareProfile: { vmSize: "Standard_X1" } })),
    },
    {
      what: "an image for another processor",
      says: /CPU Architecture/,
      act: () => virtualMachine((inputs) => ({ ...inputs, hardwareProfile: { vmSize: "Standard_D2ps_v5" } })),
    },
    {
      what: "an image that there is not",
      says: /PlatformImageNotFound/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          storageProfile: {
            ...inputs.storageProfile,
            imageReference: { ...inputs.storageProfile.imageReference, sku: "14-gen2" },
          },
        })),
    },
    {
      what: "an image of Ubuntu, which the lab does not have",
      says: /no image of Ubuntu/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          storageProfile: {
            ...inputs.storageProfile,
            imageReference: { ...inputs.storageProfile.imageReference, publisher: "Canonical" },
          },
        })),
    },
    {
      what: "Trusted Launch of an image of generation 1",
      says: /generation 2/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          storageProfile: {
            ...inputs.storageProfile,
            imageReference: { ...inputs.storageProfile.imageReference, sku: "13" },
          },
        })),
    },
    {
      what: "root as the administrator",
      says: /Admin Username/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          osProfile: { ...inputs.osProfile, adminUsername: "root" },
        })),
    },
    {
      what: "a key anywhere else than in the administrator's file",
      says: /limited to its default value/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          osProfile: {
            ...inputs.osProfile,
            linuxConfiguration: {
              disablePasswordAuthentication: true,
              ssh: { publicKeys: [{ path: "/root/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
            },
          },
        })),
    },
    {
      what: "a login by password",
      says: /passwords/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          osProfile: {
            ...inputs.osProfile,
            linuxConfiguration: {
              ...inputs.osProfile.linuxConfiguration,
              disablePasswordAuthentication: false,
            },
          },
        })),
    },
    {
      what: "more custom data than Azure takes",
      says: /Custom data/,
      act: () =>
        virtualMachine((inputs) => ({
          ...inputs,
          osProfile: { ...inputs.osProfile, customData: Buffer.alloc(65_536).toString("base64") },
        })),
    },
    {
      what: "a machine in another zone than its public address",
      says: /in zone 1, and the virtual machine in 2/,
      act: () => virtualMachine((inputs) => ({ ...inputs, zones: ["2"] })),
    },
    {
      what: "a machine in two zones",
      says: /one zone/,
      act: () => virtualMachine((inputs) => ({ ...inputs, zones: ["1", "2"] })),
    },
    {
      what: "an interface of two machines",
      says: /NicInUse|used by existing resource/,
      act: async () => {
        const { cloud, inputs } = await machine();
        await cloud.make("VirtualMachine", "a", inputs);
        return cloud.make("VirtualMachine", "b", {
          ...inputs,
          vmName: "b",
          osProfile: { ...inputs.osProfile, computerName: "bb" },
        });
      },
    },
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
