import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Interface, Machine, World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Subscription } from "../context";
import { group, location, name, reference, tags, zones } from "../fields";
import { architectureOf, imageOf } from "../images";
import { hasZones } from "../locations";
import { azureType, computed, stateOf } from "../type";

const type = "Microsoft.Compute/virtualMachines";

/** Azure REST API reference, "Virtual Machines - Create Or Update", OSProfile: bytes of customData. */
const customDataBytes = 65_535;

/** The same page, `adminUsername`, Disallowed values. */
const refusedUsers = [
  ...[
    "administrator",
    "admin",
    "user",
    "user1",
    "test",
    "user2",
    "test1",
    "user3",
    "admin1",
    "1",
    "123",
    "a",
  ],
  ...["actuser", "adm", "admin2", "aspnet", "backup", "console", "david", "guest", "john", "owner", "root"],
  ...["server", "sql", "support", "support_388945a0", "sys", "test2", "test3", "user4", "user5"],
];

const inputs = {
  resourceGroupName: group,
  vmName: name(1, 64),
  location,
  tags,
  zones,
  hardwareProfile: z.strictObject({ vmSize: z.string() }),
  networkProfile: z.strictObject({
    networkInterfaces: z
      .array(
        reference.extend({
          primary: z.boolean().optional(),
          deleteOption: z.literal(
            "Detach",
            "the lab has no stand-in for interfaces that go with their machine",
          ),
        }),
      )
      .length(1, "the lab has a stand-in for one network interface"),
  }),
  osProfile: z.strictObject({
    computerName: z
      .string()
      .regex(/^[A-Za-z0-9][-A-Za-z0-9.]{0,62}[A-Za-z0-9]$/, "InvalidParameter: no host name"),
    adminUsername: z
      .string()
      .min(1)
      .max(64)
      .refine(
        (user) => !refusedUsers.includes(user.toLowerCase()),
        "The Admin Username specified is not allowed.",
      ),
    customData: z.base64().optional(),
    allowExtensionOperations: z.boolean().optional(),
    linuxConfiguration: z.strictObject({
      disablePasswordAuthentication: z.literal(
        true,
        "the lab has no stand-in for passwords: nobody logs in by one",
      ),
      ssh: z.strictObject({
        publicKeys: z.array(z.strictObject({ path: z.string(), keyData: z.string().min(1) })).min(1),
      }),
    }),
  }),
  storageProfile: z.strictObject({
    imageReference: z.strictObject({
      publisher: z.string(),
      offer: z.string(),
      sku: z.string(),
      version: z.literal("latest", "the lab has the newest version of an image alone"),
    }),
    osDisk: z.strictObject({
      name: name().optional(),
      createOption: z.literal("FromImage"),
      deleteOption: z.literal("Delete", "the lab has no stand-in for disks that outlive their machine"),
      // Debian's images are of 30 GB, and a disk cannot be smaller than its image.
      diskSizeGB: z.int().min(30).max(4095).optional(),
      managedDisk: z.strictObject({
        storageAccountType: z.enum(["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"]),
      }),
    }),
  }),
  securityProfile: z
    .strictObject({
      securityType: z.enum(["TrustedLaunch", "Standard"]),
      uefiSettings: z.strictObject({ secureBootEnabled: z.boolean(), vTpmEnabled: z.boolean() }).optional(),
    })
    .optional(),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** What makes another machine of it when it changes (the same page: these can be set at creation alone). */
const fixed = ["osProfile", "storageProfile", "zones", "securityProfile", "networkProfile"] as const;

export const virtualMachine = azureType({
  token: "azure-native:compute:VirtualMachine",
  inputs,
  replacedBy: ["resourceGroupName", "vmName", "location", "zones"],
  computed: [...computed, "vmId", "timeCreated"],
  check: problemsOf,
  async create(given, call) {
    const { context } = call;
    await context.inGroup(given.resourceGroupName);
    const cloudRegion = context.locationOf(given.location);
    const path = context.resourceId(given.resourceGroupName, type, given.vmName);
    const card = await cardOf(given, cloudRegion, context);
    const world = await context.world();
    const there = machineNamed(world, given, card);
    if (there !== undefined && there.name !== call.name)
      throw new Refusal("AlreadyExists", `cannot create already existing resource '${path}'`);
    // A machine that replaces another has an id that none ever had; one whose creation was cut off is taken over.
    const vmId = there?.id ?? randomUUID();
    await context.make({
      kind: "machine",
      id: vmId,
      name: call.name,
      interface: card.id,
      hostname: given.osProfile.computerName,
      userData: Buffer.from(given.osProfile.customData ?? "", "base64").toString("utf8"),
      image: imageOf(given.storageProfile.imageReference).release,
      power: there?.power ?? "on",
    });
    return {
      id: path,
      outputs: {
        ...given,
        location: cloudRegion,
        ...stateOf(given.vmName, type),
        vmId,
        timeCreated: "2026-01-01T00:00:00.0000000+00:00",
      },
    };
  },
  async read(_path, state, { context }) {
    const { vmId } = z.object({ vmId: z.string() }).parse(state);
    return (await context.find("machine", vmId)) === undefined ? undefined : { vmId };
  },
  async update(_path, given, state, { context }) {
    const { vmId } = z.object({ vmId: z.string() }).parse(state);
    for (const field of ["hardwareProfile", ...fixed] as const)
      if (JSON.stringify(given[field]) !== JSON.stringify(state[field]))
        throw new Refusal(
          "PropertyChangeNotAllowed",
          `Changing property '${field}' is not allowed here: raise the gateway's image epoch, which makes a new machine`,
        );
    await context.get("machine", vmId);
    return { ...given };
  },
  async remove(_path, state, { context }) {
    await context.unmake("machine", z.object({ vmId: z.string() }).parse(state).vmId);
  },
});

/** Whoever has the interface already, by the same name. */
function machineNamed(world: World, { osProfile }: Given, card: Interface): Machine | undefined {
  return objectsOf(world, "machine").find(
    ({ hostname, interface: its }) => hostname === osProfile.computerName && its === card.id,
  );
}

/** @throws Refusal for an interface of another location, one that serves another machine, or an address of another zone */
async function cardOf(given: Given, cloudRegion: string, context: Subscription): Promise<Interface> {
  const [link] = given.networkProfile.networkInterfaces;
  const card = await context.get("interface", context.worldIdOf("interface", link?.id));
  const world = await context.world();
  if (objectOf(world, "subnet", card.subnet)?.zone !== cloudRegion)
    throw new Refusal(
      "InvalidResourceReference",
      `Resource ${link?.id ?? ""} is not in the location ${cloudRegion} of the virtual machine.`,
    );
  const user = objectsOf(world, "machine").find((machine) => machine.interface === card.id);
  if (user !== undefined && user.hostname !== given.osProfile.computerName)
    throw new Refusal(
      "NicInUse",
      `Network Interface ${link?.id ?? ""} is used by existing resource ${user.name}.`,
    );
  const [zone] = given.zones ?? [];
  const held = objectsOf(world, "publicAddress").find((one) => one.interface === card.id);
  const [, itsZone] = held?.cloudRegion?.split("/") ?? [];
  // Microsoft Learn, "Public IP addresses", Availability Zone.
  if (itsZone !== undefined && itsZone !== zone)
    throw new Refusal(
      "PublicIPAddressAndVMZoneMismatch",
      `The public IP address is in zone ${itsZone}, and the virtual machine in ${zone ?? "none"}.`,
    );
  return card;
}

function problemsOf(given: Given): Problem[] {
  const problems: Problem[] = [];
  const { hardwareProfile, storageProfile, osProfile, securityProfile } = given;
  const location = (given.location ?? "").replaceAll(" ", "").toLowerCase();
  if ((given.zones ?? []).length > 1)
    problems.push({ property: "zones", reason: "InvalidParameter: a virtual machine is in one zone" });
  if ((given.zones ?? []).length > 0 && location !== "" && hasZones(location) === false)
    problems.push({
      property: "zones",
      reason: `LocationDoesNotSupportAvailabilityZones: the location '${location}' does not support availability zones`,
    });
  const wanted = architectureOf(hardwareProfile.vmSize);
  if (wanted === undefined)
    problems.push({
      property: "hardwareProfile",
      reason: `InvalidParameter: The value ${hardwareProfile.vmSize} provided for the VM size is not valid.`,
    });
  if (Buffer.from(osProfile.customData ?? "", "base64").length > customDataBytes)
    problems.push({
      property: "osProfile.customData",
      reason: `InvalidParameter: Custom data must be at most ${String(customDataBytes)} bytes.`,
    });
  const { adminUsername, linuxConfiguration } = osProfile;
  // Azure REST API reference, SshPublicKey: the one path that it takes.
  for (const { path } of linuxConfiguration.ssh.publicKeys)
    if (path !== `/home/${adminUsername}/.ssh/authorized_keys`)
      problems.push({
        property: "osProfile.linuxConfiguration.ssh",
        reason: `InvalidParameter: Destination path for SSH public keys is currently limited to its default value /home/${adminUsername}/.ssh/authorized_keys`,
      });
  try {
    const image = imageOf(storageProfile.imageReference);
    if (wanted !== undefined && image.architecture !== wanted)
      problems.push({
        property: "hardwareProfile",
        reason: `BadRequest: Cannot create a VM of size '${hardwareProfile.vmSize}' because this VM size only supports a CPU Architecture of '${wanted}', but an image or disk with CPU Architecture '${image.architecture}' was given.`,
      });
    if (securityProfile?.securityType === "TrustedLaunch" && image.generation !== 2)
      problems.push({
        property: "securityProfile",
        reason: "BadRequest: Trusted Launch is supported with generation 2 images alone",
      });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({ property: "storageProfile", reason: `${error.code}: ${error.message}` });
  }
  return problems;
}
