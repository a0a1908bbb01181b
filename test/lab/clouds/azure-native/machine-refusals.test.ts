import assert from "node:assert/strict";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { machine } from "./region";

async function virtualMachine(change: (inputs: Awaited<ReturnType<typeof machine>>["inputs"]) => Properties) {
  const { cloud, inputs } = await machine();
  return cloud.make("VirtualMachine", "a", change(inputs));
}

describe("of a machine, the lab's Azure refuses", () => {
  for (const { what, says, act } of [
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
  ] satisfies readonly { what: string; says: RegExp; act: () => Promise<unknown> }[])
    it(what, () => assert.rejects(act, says));
});
