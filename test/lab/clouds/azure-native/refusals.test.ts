import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "./in-memory";
import { machine, region } from "./region";

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
  ] satisfies readonly { what: string; says: RegExp; act: () => Promise<unknown> }[])
    it(what, () => assert.rejects(act, says));
});
