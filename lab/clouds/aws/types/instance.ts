import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { behind } from "../../../world/addresses";
import type { Interface, Machine, World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Properties } from "../../provider/wire";
import { privateDomain, publicName } from "../api/names";
import type { Account } from "../context";
import { architectureOf, bootedFor, imagesOf } from "../images";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

/** AWS, "Run commands when you launch an EC2 instance with user data input": 16 KB before encoding. */
const userDataBytes = 16_384;

const inputs = {
  ami: z.string(),
  instanceType: z.string(),
  iamInstanceProfile: z.string().optional(),
  userData: z.string().optional(),
  userDataReplaceOnChange: z.boolean().optional(),
  primaryNetworkInterface: z.strictObject({ networkInterfaceId: z.string() }),
  metadataOptions: z
    .strictObject({
      httpEndpoint: z.enum(["enabled", "disabled"]).optional(),
      httpTokens: z.enum(["optional", "required"]).optional(),
      httpPutResponseHopLimit: z.int().min(1).max(64).optional(),
    })
    .optional(),
  rootBlockDevice: z
    .strictObject({
      deleteOnTermination: z.boolean().optional(),
      encrypted: z.boolean().optional(),
      volumeType: z.enum(["gp2", "gp3"]).optional(),
      // Debian's images are of 8 GiB, and a volume cannot be smaller than its snapshot.
      volumeSize: z.int().min(8).max(65_536).optional(),
    })
    .optional(),
  tags,
};
type Given = z.output<z.ZodObject<typeof inputs>>;

export const instance = awsType({
  token: "aws:ec2/instance:Instance",
  inputs,
  replacedBy: ["ami", "primaryNetworkInterface"],
  computed: [
    ...["arn", "availabilityZone", "instanceState", "primaryNetworkInterfaceId", "privateDns", "privateIp"],
    ...["publicDns", "publicIp", "sourceDestCheck", "subnetId", "tagsAll", "tenancy", "vpcSecurityGroupIds"],
  ],
  changing: ["tagsAll"],
  check: problemsOf,
  async create(given, { context }) {
    const card = await context.get("interface", given.primaryNetworkInterface.networkInterfaceId);
    const id = begun(await context.world(), given, card, context.region) ?? neverUsedId();
    await context.make(machineOf(id, given, card, context.region));
    return { id, outputs: { ...tagsAll(given.tags), ...stateOf(await context.world(), id, context) } };
  },
  async read(id, _state, { context }) {
    const world = await context.world();
    return objectOf(world, "machine", id) === undefined ? undefined : stateOf(world, id, context);
  },
  async update(id, given, state, { context }) {
    const before = z.object({ instanceType: z.string(), userData: z.string().optional() }).parse(state);
    if (before.instanceType !== given.instanceType || before.userData !== given.userData)
      throw new Refusal(
        "NoStandIn",
        "the lab has no stand-in for stopping an instance to change its type or user data: raise the gateway's image epoch, which makes a new one",
      );
    await context.change("machine", id, (machine) => ({
      ...without(machine, "profile"),
      name: nameTag(given.tags, id),
      ...profileOf(given),
    }));
    return { ...tagsAll(given.tags), ...stateOf(await context.world(), id, context) };
  },
  remove: (id, _state, { context }) => context.unmake("machine", id),
});

/**
 * A machine that replaces another has an id that no machine ever had: so everybody sees that it is a new one. Only a
 * creation that was cut off, and is asked for again, finds what it has begun.
 */
function begun(world: World, given: Given, card: Interface, region: string): string | undefined {
  const there = objectsOf(world, "machine").find((machine) => machine.interface === card.id);
  if (there === undefined) return undefined;
  const asked = { ...machineOf(there.id, given, card, region), power: there.power };
  return isDeepStrictEqual(there, asked) ? there.id : undefined;
}

function neverUsedId(): string {
  return `i-${randomBytes(9).toString("hex").slice(0, 17)}`;
}

function problemsOf({ ami, instanceType, userData = "" }: Given, account: Account | undefined): Problem[] {
  const problems: Problem[] = [];
  const architecture = architectureOf(instanceType);
  const image = account === undefined ? undefined : imagesOf(account.region).find(({ id }) => id === ami);
  if (architecture === undefined)
    problems.push({ property: "instanceType", reason: `Invalid value '${instanceType}' for InstanceType.` });
  if (account !== undefined && image === undefined)
    problems.push({ property: "ami", reason: `The image id '[${ami}]' does not exist` });
  if (architecture !== undefined && image !== undefined && image.architecture !== architecture)
    problems.push({
      property: "instanceType",
      reason: `The architecture '${architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    });
  if (Buffer.byteLength(userData) > userDataBytes)
    problems.push({ property: "userData", reason: `User data is limited to ${String(userDataBytes)} bytes` });
  return problems;
}

function profileOf({ iamInstanceProfile: profile }: Given): Pick<Machine, "profile"> {
  return profile === undefined ? {} : { profile };
}

function machineOf(id: string, given: Given, card: Interface, region: string): Machine {
  const { ami, userData, tags } = given;
  const image = imagesOf(region).find((candidate) => candidate.id === ami);
  if (image === undefined)
    throw new Refusal("InvalidAMIID.NotFound", `The image id '[${ami}]' does not exist`);
  return {
    kind: "machine",
    id,
    name: nameTag(tags, id),
    interface: card.id,
    // AWS, "EC2 instance hostnames and domains": the IP name, the default for IPv4.
    hostname: `ip-${card.address.replaceAll(".", "-")}`,
    userData: userData ?? "",
    image: bootedFor(image, nameTag(tags, id), process.env["TRUNKLINE_LAB_CLOUD_INIT"]),
    launched: {
      imageId: image.id,
      instanceType: given.instanceType,
      architecture: image.architecture,
    },
    ...profileOf(given),
    power: "on",
  };
}

function stateOf(world: World, id: string, account: Account): Properties {
  const { region } = account;
  const machine = objectOf(world, "machine", id);
  const card = machine === undefined ? undefined : objectOf(world, "interface", machine.interface);
  if (machine === undefined || card === undefined)
    throw new Refusal("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  const address = objectsOf(world, "publicAddress").find(
    (object) => object.interface === card.id && behind(object, card) === card.address,
  )?.address;
  const dashed = (dotted: string) => dotted.replaceAll(".", "-");
  return {
    arn: account.arn("instance", id),
    availabilityZone: objectOf(world, "subnet", card.subnet)?.zone,
    instanceState: machine.power === "on" ? "running" : "stopped",
    primaryNetworkInterface: { networkInterfaceId: card.id },
    primaryNetworkInterfaceId: card.id,
    privateDns: `ip-${dashed(card.address)}.${privateDomain(region)}`,
    privateIp: card.address,
    publicDns: address === undefined ? "" : publicName(region, address),
    publicIp: address ?? "",
    sourceDestCheck: card.sourceDestinationCheck,
    subnetId: card.subnet,
    tenancy: "default",
    vpcSecurityGroupIds: [...card.firewalls],
  };
}
