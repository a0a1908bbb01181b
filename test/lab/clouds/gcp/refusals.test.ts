import assert from "node:assert/strict";
import { InMemory } from "./in-memory";
import { region, router } from "./region";

describe("the lab's Google Cloud refuses", () => {
  for (const { what, says, act } of [
    {
      what: "a name that is none",
      says: /name: must match regex/,
      act: () => new InMemory().make("Network", "net", { name: "Net_1", autoCreateSubnetworks: false }),
    },
    {
      what: "a network in auto mode",
      says: /auto mode/,
      act: () => new InMemory().make("Network", "net", { name: "net", autoCreateSubnetworks: true }),
    },
    {
      what: "a field without a stand-in",
      says: /no stand-in for the field "enableUlaInternalIpv6"/,
      act: () =>
        new InMemory().make("Network", "net", {
          name: "net",
          autoCreateSubnetworks: false,
          enableUlaInternalIpv6: true,
        }),
    },
    {
      what: "a subnet that is too small",
      says: /too small/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Subnetwork", "s", {
          name: "s",
          network: network["id"],
          ipCidrRange: "10.30.0.0/30",
        });
      },
    },
    {
      what: "a subnet of Google's APIs",
      says: /199\.36\.153\.8\/30/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Subnetwork", "s", {
          name: "s",
          network: network["id"],
          ipCidrRange: "199.36.153.8/29",
        });
      },
    },
    {
      what: "a subnet that overlaps another of its network",
      says: /overlaps|conflicts/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Subnetwork", "s", {
          name: "s",
          network: network["id"],
          ipCidrRange: "10.20.0.0/24",
        });
      },
    },
    {
      what: "a region that Google does not have",
      says: /Unknown region/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Subnetwork", "s", {
          name: "s",
          region: "europe-west7",
          network: network["id"],
          ipCidrRange: "10.30.0.0/24",
        });
      },
    },
    {
      what: "a rule for everybody",
      says: /sourceRanges/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Firewall", "f", {
          name: "f",
          network: network["id"],
          sourceRanges: [],
          targetTags: ["gateway"],
          allows: [{ protocol: "all" }],
        });
      },
    },
    {
      what: "ports of a protocol that has none",
      says: /Ports may only be specified/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Firewall", "f", {
          name: "f",
          network: network["id"],
          sourceRanges: ["10.0.0.0/8"],
          targetTags: ["gateway"],
          allows: [{ protocol: "esp", ports: ["1"] }],
        });
      },
    },
    {
      what: "an external address in a subnet",
      says: /external address/,
      act: async () => {
        const { address, subnet } = await region();
        return address("x", { subnetwork: subnet["id"] });
      },
    },
    {
      what: "to let an address go that is in use",
      says: /already being used/,
      act: async () => {
        const { cloud, machine, address } = await region();
        await cloud.make("Instance", "a", machine);
        await cloud.remove("Address", await address("a-address"));
      },
    },
    {
      what: "a zone that its region does not have",
      says: /Unknown zone/,
      act: async () => {
        const { cloud, machine } = await region();
        return cloud.make("Instance", "a", { ...machine, zone: "europe-west1-a" });
      },
    },
    {
      what: "a machine type of another cloud",
      says: /Machine type with name 'c7g\.medium' does not exist/,
      act: async () => {
        const { cloud, machine } = await region();
        return cloud.make("Instance", "a", { ...machine, machineType: "c7g.medium" });
      },
    },
    {
      what: "an image of another processor",
      says: /do not match/,
      act: async () => {
        const { cloud, machine } = await region();
        return cloud.make("Instance", "a", { ...machine, machineType: "t2a-standard-1" });
      },
    },
    {
      what: "a machine in a subnet of another region",
      says: /must be in the region us-east1/,
      act: async () => {
        const { cloud, machine } = await region();
        return cloud.make("Instance", "a", { ...machine, zone: "us-east1-b" });
      },
    },
    {
      what: "a public address that somebody else has",
      says: /already in-use/,
      act: async () => {
        const { cloud, machine, inside } = await region();
        await cloud.make("Instance", "a", machine);
        const [nic] = machine.networkInterfaces;
        const other = { ...nic, networkIp: (await inside("b-inside"))["address"] };
        return cloud.make("Instance", "b", { ...machine, name: "b", networkInterfaces: [other] });
      },
    },
    {
      what: "scopes, for there are no APIs",
      says: /no stand-in for Google's APIs/,
      act: async () => {
        const { cloud, machine } = await region();
        return cloud.make("Instance", "a", {
          ...machine,
          serviceAccount: { email: "x", scopes: ["cloud-platform"] },
        });
      },
    },
    {
      what: "a public ASN of a Cloud Router",
      says: /must be private/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Router", "r", { name: "r", network: network["id"], bgp: { asn: 13335 } });
      },
    },
    {
      what: "a keepalive that a Cloud Router does not have",
      says: /keepaliveInterval/,
      act: async () => {
        const { cloud, network } = await region();
        return cloud.make("Router", "r", {
          name: "r",
          network: network["id"],
          bgp: { asn: 64512, keepaliveInterval: 10 },
        });
      },
    },
    {
      what: "an interface outside of its subnet",
      says: /within the subnetwork/,
      act: async () => {
        const { cloud, foot } = await router();
        return cloud.make("RouterInterface", "i", { ...foot, privateIpAddress: "10.21.0.9" });
      },
    },
    {
      what: "an interface with a public address",
      says: /RFC 1918/,
      act: async () => {
        const { cloud, foot } = await router();
        return cloud.make("RouterInterface", "i", { ...foot, privateIpAddress: "192.0.2.9" });
      },
    },
    {
      what: "a redundant interface that is not there",
      says: /was not found/,
      act: async () => {
        const { cloud, foot } = await router();
        return cloud.make("RouterInterface", "i", { ...foot, redundantInterface: "interface-9" });
      },
    },
    {
      what: "a session with a machine of no spoke",
      says: /linked to no spoke/,
      act: async () => {
        const { cloud, foot, peer } = await router();
        await cloud.make("RouterInterface", "i", foot);
        return cloud.make("RouterPeer", "p", peer);
      },
    },
    {
      what: "a session with an address that the machine has not",
      says: /no address of the instance/,
      act: async () => {
        const { cloud, foot, spoke, peer } = await router();
        await cloud.make("Spoke", "s", spoke);
        await cloud.make("RouterInterface", "i", foot);
        return cloud.make("RouterPeer", "p", { ...peer, peerIpAddress: "10.20.0.9" });
      },
    },
    {
      what: "a session within one ASN",
      says: /must be different/,
      act: async () => {
        const { cloud, foot, spoke, peer } = await router();
        await cloud.make("Spoke", "s", spoke);
        await cloud.make("RouterInterface", "i", foot);
        return cloud.make("RouterPeer", "p", { ...peer, peerAsn: 4200001020 });
      },
    },
    {
      what: "an appliance that does not forward",
      says: /canIpForward/,
      act: async () => {
        const { cloud, machine, spoke } = await router();
        const [nic] = machine.networkInterfaces;
        const { address } = await cloud
          .make("Address", "c-inside", {
            name: "c-inside",
            addressType: "INTERNAL",
            subnetwork: nic?.subnetwork,
          })
          .then((state) => ({ address: state["address"] }));
        const quiet = await cloud.make("Instance", "c", {
          ...machine,
          name: "c",
          canIpForward: false,
          networkInterfaces: [{ subnetwork: nic?.subnetwork, networkIp: address }],
        });
        return cloud.make("Spoke", "s", {
          ...spoke,
          linkedRouterApplianceInstances: {
            instances: [{ virtualMachine: quiet["selfLink"], ipAddress: address }],
            siteToSiteDataTransfer: false,
          },
        });
      },
    },
    {
      what: "an appliance of another region",
      says: /is not in the spoke's location/,
      act: async () => {
        const { cloud, spoke } = await router();
        return cloud.make("Spoke", "s", { ...spoke, location: "us-east1" });
      },
    },
    {
      what: "a hub to go while it has a spoke",
      says: /in use by/,
      act: async () => {
        const { cloud, spoke, hub } = await router();
        await cloud.make("Spoke", "s", spoke);
        await cloud.remove("Hub", hub);
      },
    },
    {
      what: "an account's id that is too short",
      says: /6 to 30/,
      act: () => new InMemory().make("Account", "a", { accountId: "short" }),
    },
    {
      what: "another startup script of a machine that is there",
      says: /raise the gateway's image epoch/,
      act: async () => {
        const { cloud, machine } = await region();
        const state = await cloud.make("Instance", "a", machine);
        await cloud.update("Instance", state, { ...machine, metadata: { "startup-script": "#!/bin/sh\n" } });
      },
    },
    {
      what: "labels that are none",
      says: /label/,
      act: () => new InMemory().make("Hub", "h", { name: "hub", labels: { Team: "core" } }),
    },
  ])
    it(what, async () => {
      await assert.rejects(act(), says);
    });
});
