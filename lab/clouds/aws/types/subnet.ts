import { z } from "zod";
import { cidr, cidr6 } from "../address";
import { newId } from "../context";
import { zonesOf } from "../regions";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

export const subnet = awsType({
  token: "aws:ec2/subnet:Subnet",
  inputs: {
    vpcId: z.string(),
    cidrBlock: cidr,
    ipv6CidrBlock: cidr6.optional(),
    availabilityZone: z.string(),
    mapPublicIpOnLaunch: z
      .literal(false, "public addresses at launch have no stand-in: use an Eip")
      .default(false),
    tags,
  },
  replacedBy: ["vpcId", "cidrBlock", "availabilityZone"],
  computed: ["arn", "availabilityZoneId", "ownerId", "tagsAll"],
  changing: ["tagsAll"],
  check({ availabilityZone }, account) {
    const zones = account === undefined ? undefined : zonesOf(account.region);
    if (zones === undefined || zones.includes(availabilityZone)) return [];
    const reason = `Value (${availabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(", ")}`;
    return [{ property: "availabilityZone", reason }];
  },
  async create(given, call) {
    const id = newId("subnet", call, given);
    const { context } = call;
    const { vpcId: network, availabilityZone: zone, cidrBlock } = given;
    await context.get("network", network);
    await context.make({
      kind: "subnet",
      id,
      name: nameTag(given.tags, id),
      network,
      zone,
      cidr: cidrBlock,
      ...ipv6Of(given.ipv6CidrBlock),
    });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("subnet", id),
        availabilityZoneId: zone.replace(/^([a-z]+)-([a-z])[a-z]*-(\d)([a-z])$/, "$1$2$3-az$4"),
        ownerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("subnet", id);
    if (found === undefined) return undefined;
    return {
      vpcId: found.network,
      cidrBlock: found.cidr,
      ...(found.ipv6 === undefined ? {} : { ipv6CidrBlock: found.ipv6 }),
      availabilityZone: found.zone,
    };
  },
  async update(id, given, _state, { context }) {
    await context.change("subnet", id, (object) => ({
      ...without(object, "ipv6"),
      name: nameTag(given.tags, id),
      ...ipv6Of(given.ipv6CidrBlock),
    }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("subnet", id),
});

function ipv6Of(block: string | undefined): { readonly ipv6?: string } {
  return block === undefined ? {} : { ipv6: block };
}
