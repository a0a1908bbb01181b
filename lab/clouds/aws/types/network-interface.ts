import { createHash } from "node:crypto";
import { z } from "zod";
import { address, withFreeAddress } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const networkInterface = awsType({
  token: "aws:ec2/networkInterface:NetworkInterface",
  inputs: {
    subnetId: z.string(),
    privateIps: z.array(address).length(1, "the lab has a stand-in for one private address").optional(),
    // The VPC's default group has no stand-in, so at least one must be named.
    securityGroups: z.array(z.string()).min(1).max(5),
    sourceDestCheck: z.boolean().default(true),
    description: z.string().max(255).default("Managed by Pulumi"),
    tags,
  },
  replacedBy: ["subnetId", "privateIps"],
  computed: ["arn", "interfaceType", "macAddress", "ownerId", "privateDnsName", "privateIp", "tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("eni", call, given);
    const mac = macOf(id);
    const put = (chosen: string) =>
      context.make({
        kind: "interface",
        id,
        name: nameTag(given.tags, id),
        subnet: given.subnetId,
        address: chosen,
        firewalls: given.securityGroups,
        sourceDestinationCheck: given.sourceDestCheck,
        mac,
      });
    const taken = await context.find("interface", id);
    const asked = given.privateIps?.[0] ?? taken?.address;
    // One after the other within a subnet: two cards at once would find the same address free.
    const privateIp = await context.inTurn(given.subnetId, async () => {
      if (asked === undefined) return withFreeAddress(() => context.world(), given.subnetId, put);
      await put(asked);
      return asked;
    });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("network-interface", id),
        interfaceType: "interface",
        macAddress: mac,
        ownerId: context.id,
        privateIp,
        privateIps: [privateIp],
        privateDnsName: `ip-${privateIp.replaceAll(".", "-")}.${context.region}.compute.internal`,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("interface", id);
    if (found === undefined) return undefined;
    return {
      subnetId: found.subnet,
      privateIp: found.address,
      privateIps: [found.address],
      securityGroups: [...found.firewalls],
      sourceDestCheck: found.sourceDestinationCheck,
    };
  },
  async update(id, given, state, { context }) {
    await context.change("interface", id, (card) => ({
      ...card,
      name: nameTag(given.tags, id),
      firewalls: given.securityGroups,
      sourceDestinationCheck: given.sourceDestCheck,
    }));
    const { privateIps } = z.object({ privateIps: z.array(z.string()) }).parse(state);
    return { ...given, ...tagsAll(given.tags), privateIps };
  },
  remove: (id, _state, { context }) => context.unmake("interface", id),
});

/** Locally administered, unicast (IEEE 802): 02, then five bytes of the id's hash. */
function macOf(id: string): string {
  const bytes = createHash("sha256").update(id).digest().subarray(0, 5);
  return ["02", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
