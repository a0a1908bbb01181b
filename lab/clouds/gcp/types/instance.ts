import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { within } from "../../../world/address";
import type { Interface, Machine, World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Properties } from "../../provider/wire";
import { type Project, selfLink } from "../context";
import { address, allLabels, description, labels, name } from "../fields";
import { architectureOf, imageOf } from "../images";
import { lastOf, placeOf, worldId } from "../link";
import { regionOfZone } from "../regions";
import { gcpType } from "../type";
import { tagged, untagged } from "./firewall";

/** Google Cloud, "About VM metadata", Limitations: bytes of one entry. */
const metadataBytes = 262_144;

const inputs = {
  name,
  description,
  zone: z.string(),
  machineType: z.string(),
  canIpForward: z.boolean().default(false),
  // Google Cloud, "VPC quotas": network tags per instance; a machine of the lab has what the world takes.
  tags: z.array(name).min(1, "the lab has no stand-in for a machine without a tag").max(5),
  labels,
  bootDisk: z.strictObject({
    autoDelete: z.literal(true, "the lab has no stand-in for disks that outlive their machine").default(true),
    initializeParams: z.strictObject({
      image: z.string(),
      // Debian's images are of 10 GB, and a disk cannot be smaller than its image.
      size: z.int().min(10).max(65_536).optional(),
      type: z.enum(["pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"]).optional(),
    }),
  }),
  networkInterfaces: z
    .array(
      z.strictObject({
        subnetwork: z.string(),
        networkIp: address,
        accessConfigs: z
          .array(z.strictObject({ natIp: address, networkTier: z.enum(["PREMIUM", "STANDARD"]).optional() }))
          .max(1)
          .default([]),
      }),
    )
    .length(1, "the lab has a stand-in for one network interface"),
  serviceAccount: z
    .strictObject({
      email: z.string(),
      scopes: z.array(z.string()).max(0, "the lab has no stand-in for Google's APIs, and so for scopes"),
    })
    .optional(),
  metadata: z.record(z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, "is no metadata key"), z.string()).optional(),
  shieldedInstanceConfig: z
    .strictObject({
      enableSecureBoot: z.boolean().optional(),
      enableVtpm: z.boolean().optional(),
      enableIntegrityMonitoring: z.boolean().optional(),
    })
    .optional(),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

export const instance = gcpType({
  token: "gcp:compute/instance:Instance",
  inputs,
  replacedBy: ["name", "description", "zone", "canIpForward", "bootDisk", "networkInterfaces"],
  computed: [
    ...[
      "instanceId",
      "selfLink",
      "project",
      "cpuPlatform",
      "currentStatus",
      "creationTimestamp",
      "effectiveLabels",
    ],
    ...["pulumiLabels", "labelFingerprint", "metadataFingerprint", "tagsFingerprint"],
  ],
  changing: ["effectiveLabels", "pulumiLabels", "labelFingerprint"],
  check: problemsOf,
  async create(given, call) {
    const { context } = call;
    const path = context.zonal(given.zone, "instances", given.name);
    const there = machineNamed(await context.world(), given);
    if (there !== undefined && there.name !== call.name)
      throw new Refusal("alreadyExists", `The resource '${path}' already exists`);
    // A machine that replaces another has an id that none ever had; one whose creation was cut off is taken over.
    const id =
      there?.id ?? String(BigInt(`0x${randomBytes(7).toString("hex")}`) + 1_000_000_000_000_000_000n);
    const card = await cardOf(id, given, call.name, context);
    await context.make(card);
    await join(given, card, context);
    await context.make({
      kind: "machine",
      id,
      name: call.name,
      interface: card.id,
      hostname: given.name,
      userData: given.metadata?.["startup-script"] ?? "",
      image: imageOf(given.bootDisk.initializeParams.image)?.release ?? "debian-13",
      power: there?.power ?? "on",
    });
    return { id: path, outputs: { ...given, ...allLabels(given.labels), ...stateOf(id, path, context) } };
  },
  async read(path, state, { context }) {
    const { instanceId } = z.object({ instanceId: z.string() }).parse(state);
    const world = await context.world();
    const machine = objectOf(world, "machine", instanceId);
    const card = machine === undefined ? undefined : objectOf(world, "interface", machine.interface);
    if (machine === undefined || card === undefined) return undefined;
    return {
      ...stateOf(instanceId, path, context),
      canIpForward: !card.sourceDestinationCheck,
      currentStatus: machine.power === "on" ? "RUNNING" : "TERMINATED",
    };
  },
  async update(path, given, state, { context }) {
    const { instanceId } = z.object({ instanceId: z.string() }).parse(state);
    // Google Cloud, "Edit the machine type", "Enabling service accounts": of a machine that is stopped; its startup script
    // would run at the next boot.
    for (const field of [
      "machineType",
      "serviceAccount",
      "metadata",
      "tags",
      "shieldedInstanceConfig",
    ] as const)
      if (JSON.stringify(given[field]) !== JSON.stringify(state[field]))
        throw new Refusal(
          "NoStandIn",
          `the lab has no stand-in for another ${field} of a machine that is there: raise the gateway's image epoch, which makes a new one`,
        );
    await context.get("machine", instanceId);
    return { ...given, ...allLabels(given.labels), ...stateOf(instanceId, path, context) };
  },
  async remove(_path, state, { context }) {
    const { instanceId } = z.object({ instanceId: z.string() }).parse(state);
    const machine = await context.find("machine", instanceId);
    const card = machine === undefined ? undefined : await context.find("interface", machine.interface);
    await context.unmake("machine", instanceId);
    if (card === undefined) return;
    for (const held of objectsOf(await context.world(), "publicAddress"))
      if (held.interface === card.id)
        await context.changeIfThere("publicAddress", held.id, ({ kind, id, name, address, cloudRegion }) => ({
          ...{ kind, id, name, address },
          ...(cloudRegion === undefined ? {} : { cloudRegion }),
        }));
    await context.unmake("interface", card.id);
    for (const group of card.firewalls) await untagged(group, context);
  },
});

/** By its host name, which is its name; unique in its zone, and here in the project. */
function machineNamed(world: World, { name: wanted, zone }: Given): Machine | undefined {
  return objectsOf(world, "machine").find(
    ({ hostname, interface: card }) =>
      hostname === wanted &&
      objectOf(world, "subnet", objectOf(world, "interface", card)?.subnet ?? "")?.zone ===
        regionOfZone(zone),
  );
}

function problemsOf(given: Given): Problem[] {
  const problems: Problem[] = [];
  const { zone, machineType, bootDisk, metadata = {} } = given;
  const region = regionOfZone(zone);
  const wanted = architectureOf(machineType);
  const image = imageOf(bootDisk.initializeParams.image);
  if (region === undefined)
    problems.push({ property: "zone", reason: `Invalid value for field 'zone': '${zone}'. Unknown zone.` });
  if (wanted === undefined)
    problems.push({
      property: "machineType",
      reason: `Machine type with name '${machineType}' does not exist in zone '${zone}'`,
    });
  if (image === undefined)
    problems.push({
      property: "bootDisk",
      reason: `The resource '${bootDisk.initializeParams.image}' was not found`,
    });
  if (wanted !== undefined && image !== undefined && image.architecture !== wanted)
    problems.push({
      property: "machineType",
      reason: `Machine type architecture ${wanted} and image architecture ${image.architecture} do not match`,
    });
  for (const [key, value] of Object.entries(metadata))
    if (Buffer.byteLength(value) > metadataBytes)
      problems.push({
        property: "metadata",
        reason: `Value for metadata key '${key}' is too large: ${String(metadataBytes)} bytes at most`,
      });
  return problems;
}

/** @throws Refusal for a subnet of another region, or an address that somebody else holds */
async function cardOf(id: string, given: Given, name: string, context: Project): Promise<Interface> {
  const [nic] = given.networkInterfaces;
  if (nic === undefined) throw new Refusal("required", "At least one network interface is required.");
  const region = regionOfZone(given.zone) ?? "";
  const place = placeOf(nic.subnetwork);
  if (place !== undefined && place !== region)
    throw new Refusal(
      "invalid",
      `Invalid value for field 'resource.networkInterfaces[0].subnetwork': it must be in the region ${region} of the instance.`,
    );
  const subnet = await context.get("subnet", worldId("subnet", region, nic.subnetwork));
  if (!within(nic.networkIp, subnet.cidr))
    throw new Refusal(
      "invalid",
      `Requested internal IP address ${nic.networkIp} is not within the range of the subnetwork.`,
    );
  const network = subnet.network.replace(/^vpc\./, "");
  const groups: string[] = [];
  for (const tag of given.tags) groups.push(await tagged(network, tag, context));
  if (given.serviceAccount !== undefined) await context.get("role", given.serviceAccount.email);
  return {
    kind: "interface",
    id: `card.${id}`,
    name: `${name}-card`,
    subnet: subnet.id,
    address: nic.networkIp,
    firewalls: groups,
    sourceDestinationCheck: !given.canIpForward,
    mac: macOf(id),
  };
}

/** The public address that stands for the machine's. */
async function join({ networkInterfaces, zone }: Given, card: Interface, context: Project): Promise<void> {
  for (const { natIp } of networkInterfaces.flatMap(({ accessConfigs }) => accessConfigs)) {
    const held = objectsOf(await context.world(), "publicAddress").find((one) => one.address === natIp);
    if (held === undefined || held.cloudRegion !== regionOfZone(zone))
      throw new Refusal(
        "invalid",
        `Invalid value for field 'resource.networkInterfaces[0].accessConfigs[0].natIP': '${natIp}'. The specified external IP address '${natIp}' was not found in region '${regionOfZone(zone) ?? ""}'.`,
      );
    if (held.interface !== undefined && held.interface !== card.id)
      throw new Refusal("externalIpInUse", `External IP address: ${natIp} is already in-use.`);
    await context.change("publicAddress", held.id, (object) => ({ ...object, interface: card.id }));
  }
}

function stateOf(id: string, path: string, context: Project): Properties {
  return {
    instanceId: id,
    selfLink: selfLink(path),
    project: context.id,
    cpuPlatform: "Intel Cascade Lake",
    currentStatus: "RUNNING",
    creationTimestamp: "2026-01-01T00:00:00.000-00:00",
    labelFingerprint: "",
    metadataFingerprint: "",
    tagsFingerprint: lastOf(path),
  };
}

/** Locally administered, unicast (IEEE 802): 02, then five bytes of the id's hash. */
function macOf(id: string): string {
  const bytes = createHash("sha256").update(id).digest().subarray(0, 5);
  return ["02", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
